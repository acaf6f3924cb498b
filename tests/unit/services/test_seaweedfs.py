"""SeaweedFS: each application's keys give access to its own bucket only."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pilothouse.config import platform_spec
from pilothouse.config.platform_spec import Platform
from pilothouse.services import seaweedfs

ROOT = Path(__file__).parents[3]


def platform(versioning: bool) -> Platform:
    text = (ROOT / "examples/minimal.yaml").read_text(encoding="utf-8")
    path = Path("platform.yaml")
    path.write_text(f"{text}storage:\n  versioning: {str(versioning).lower()}\n", encoding="utf-8")
    return platform_spec.load(path, today=date(2026, 11, 23))


@pytest.fixture
def versioned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.chdir(tmp_path)
    return platform(versioning=True)


@pytest.fixture
def unversioned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.chdir(tmp_path)
    return platform(versioning=False)


def test_every_role_has_an_access_key_and_a_secret_key_and_so_has_the_admin() -> None:
    kinds = seaweedfs.key_kinds(["data"])
    assert kinds == {
        "admin-access": "access-key",
        "admin-secret": "password",
        "data-access": "access-key",
        "data-secret": "password",
    }


def test_an_application_may_use_its_bucket_only_and_the_admin_all() -> None:
    keys = {name: f"the {name}" for name in seaweedfs.key_kinds(["data", "logs"])}
    document: Any = seaweedfs.identities(keys, {"data": "bucket-d", "logs": "bucket-l"})
    admin, data, logs = document["identities"]
    assert admin["actions"] == ["Admin", "Read", "Write", "List", "Tagging"]
    assert data == {
        "name": "data",
        "credentials": [{"accessKey": "the data-access", "secretKey": "the data-secret"}],
        "actions": ["Read:bucket-d", "Write:bucket-d", "List:bucket-d", "Tagging:bucket-d"],
    }
    assert {action.partition(":")[2] for action in logs["actions"]} == {"bucket-l"}


@pytest.mark.parametrize(
    ("role", "kept", "days"),
    [("data", True, 90), ("artifacts", True, 90), ("logs", False, 30), ("backups", False, 0)],
)
def test_noncurrent_versions_and_logs_expire(
    versioned: Platform, role: str, kept: bool, days: int
) -> None:
    assert seaweedfs.is_versioned(versioned, role) == kept
    assert seaweedfs.retention_days(versioned, role) == days


@pytest.mark.parametrize(("role", "days"), [("data", 0), ("logs", 30), ("backups", 0)])
def test_without_versions_only_logs_expire(unversioned: Platform, role: str, days: int) -> None:
    assert not seaweedfs.is_versioned(unversioned, role)
    assert seaweedfs.retention_days(unversioned, role) == days


def test_the_variables_of_a_client_have_no_secret() -> None:
    variables = seaweedfs.client_variables("http://127.0.0.1:1", "eu-west-1")
    assert variables == {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }


@pytest.mark.parametrize("program", [seaweedfs.BUCKETS_PROGRAM, seaweedfs.BACKUPS_PROGRAM])
def test_the_programs_exist(program: Path) -> None:
    compile(program.read_text(encoding="utf-8"), program, "exec")
