"""The platform on AWS through the real engine, before a provider and services in memory."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from testkit.fake_providers.aws import account
from testkit.support.accounts import REGION, Account, Project, platform_project, set_target
from testkit.support.accounts import account as account_in

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with account_in(tmp_path_factory.mktemp("control")) as made:
        yield made


@pytest.fixture(scope="module")
def pilot(cloud: Account) -> Iterator[Project]:
    """The default stack, up."""
    with platform_project(cloud.variables) as project:
        project.up()
        yield project


def test_a_second_preview_and_a_second_up_find_nothing_to_do(pilot: Project) -> None:
    assert "80 unchanged" in pilot.pulumi("preview", "--expect-no-changes")
    pilot.up("--expect-no-changes")
    pilot.pulumi("refresh", "--preview-only", "--expect-no-changes")


def test_what_is_tampered_with_is_seen_and_healed(pilot: Project, cloud: Account) -> None:
    bucket = pilot.resources()["Bucket data"]["id"]
    role = pilot.resources()["Role job-role"]["id"]
    cloud.client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    cloud.client("iam").delete_role_policy(
        RoleName=role, PolicyName=pilot.resources()["RolePolicy job"]["inputs"]["name"]
    )
    seen = pilot.pulumi("refresh", "--preview-only", "--expect-no-changes", code=7)
    assert re.search(r"BucketVersioning data\s+update", seen), seen
    assert re.search(r"RolePolicy job\s+delete", seen), seen
    pilot.up("--refresh")
    found = cloud.client("s3").get_bucket_versioning(Bucket=bucket)
    assert found["Status"] == "Enabled"
    pilot.pulumi("refresh", "--preview-only", "--expect-no-changes")


def test_a_change_updates_what_it_is_about_and_nothing_else(pilot: Project) -> None:
    set_target(pilot.folder, orchestration={"maxWorkers": 7})
    assert pilot.planned() == {"Environment airflow": "update"}
    pilot.up()
    name = pilot.resources()["Environment airflow"]["id"]
    mwaa = account.backend("mwaa", REGION).environments[name]
    assert mwaa["MaxWorkers"] == 7
    set_target(pilot.folder)
    pilot.up()
    pilot.pulumi("preview", "--expect-no-changes")


def test_a_state_taken_out_and_put_back_is_the_same_stack(pilot: Project, tmp_path: Path) -> None:
    kept = tmp_path / "state.json"
    pilot.pulumi("stack", "export", "--file", str(kept))
    pilot.pulumi("stack", "import", "--file", str(kept))
    pilot.pulumi("preview", "--expect-no-changes")


def test_a_destroyed_stack_leaves_nothing(cloud: Account) -> None:
    with platform_project(cloud.variables) as project:
        before = account.contents(REGION)
        set_target(project.folder, compute={"domain": True})
        managed = "\norchestration: {engine: managed}\n"
        (project.folder / "platform.yaml").write_text(_renamed(project) + managed)
        project.up()
        bucket = project.resources()["Bucket data"]["id"]
        cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"kept by nobody")
        assert len(account.contents(REGION)) > len(before) + 20
        project.destroy()
        assert account.contents(REGION) == before
        assert project.processes_after(5) == []


def _renamed(project: Project) -> str:
    """The platform under another name, so that both can be in one account."""
    text = (project.folder / "platform.yaml").read_text()
    return re.sub(r"(?m)^name: .*$", "name: other", text)
