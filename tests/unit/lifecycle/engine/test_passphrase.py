"""A passphrase is generated once, and never beside a state that was encrypted with another."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pilothouse.lifecycle.engine import passphrase
from pilothouse.lifecycle.engine.automation import Engine
from pilothouse.lifecycle.engine.passphrase import SecretsLocked
from pilothouse.lifecycle.engine.project import Project

pytestmark = pytest.mark.usefixtures("nothing_chosen")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "Pulumi.yaml").write_text("name: pilothouse\n")
    return Project(tmp_path)


def engine_of(project: Project) -> Engine:
    return Engine(project, "pilot", project.variables("local"))


def file_of(project: Project) -> Path:
    return project.folder / "passphrase"


def add_state(project: Project, name: str, *, of: str = "pilothouse") -> None:
    folder = project.folder / "state" / ".pulumi" / "stacks" / of
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("{}")


def test_it_is_generated_once_and_private(project: Project) -> None:
    engine_of(project).ensure_passphrase()
    first = file_of(project).read_text()
    assert stat.S_IMODE(file_of(project).stat().st_mode) == 0o600
    assert len(first) >= 32
    engine_of(project).ensure_passphrase()
    assert file_of(project).read_text() == first
    assert [path.name for path in project.folder.glob("passphrase*")] == ["passphrase"]


@pytest.mark.parametrize("name", ["pilot.json", "other.json", "other.json.gz"])
def test_it_is_not_generated_beside_a_state_of_any_stack(project: Project, name: str) -> None:
    add_state(project, name)
    engine = engine_of(project)
    engine.ensure_passphrase()
    assert not file_of(project).exists()
    with pytest.raises(SecretsLocked) as refused:
        engine.require_passphrase()
    assert refused.value.exit_code == 2
    for said in (
        f"the passphrase file {file_of(project)} does not exist",
        "restore the passphrase from a copy",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        f"`pilothouse down {name.partition('.')[0]}`",
    ):
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "of"), [("pilot.json.bak", "pilothouse"), ("pilot.json", "someone-elses")]
)
def test_neither_a_copy_nor_another_project_is_a_state(
    project: Project, name: str, of: str
) -> None:
    add_state(project, name, of=of)
    engine_of(project).ensure_passphrase()
    assert file_of(project).exists()
    engine_of(project).require_passphrase()


def test_none_is_generated_where_the_caller_names_one(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "mine")
    engine_of(project).ensure_passphrase()
    engine_of(project).require_passphrase()
    assert not file_of(project).exists()


def test_a_backend_that_is_no_folder_is_asked_for_its_stacks(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")
    stacks = ["pilot"]
    monkeypatch.setattr(Engine, "stacks", lambda *_: stacks)
    engine_of(project).ensure_passphrase()
    assert not file_of(project).exists()
    stacks.clear()
    engine_of(project).ensure_passphrase()
    assert file_of(project).exists()


def test_a_service_that_encrypts_by_itself_is_not_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.example")
    engine_of(project).ensure_passphrase()
    assert file_of(project).exists()


def test_another_passphrase_is_told_from_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "passphrase"
    file.write_text("another")
    variables = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}
    assert f"the passphrase in {file} is another one" in str(
        passphrase.locked(["pilot"], variables)
    )
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another")
    found = str(passphrase.locked(["pilot"], variables))
    assert "PULUMI_CONFIG_PASSPHRASE is set to another passphrase" in found
