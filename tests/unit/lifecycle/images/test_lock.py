"""`pilothouse lock`: what is written, what is asked first, and what then runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from testkit.support.registries import Registry
from testkit.support.stacks import write_stack_file
from typer.testing import CliRunner

from pilothouse import cli
from pilothouse.program import load
from pilothouse.targets.kubernetes.objects import images
from tests.targets.suite import platforms

ROLES = ("postgres", "seaweedfs", "mlflow", "airflow", "workload")
GIVEN = f"registry.example.org/team/workload@sha256:{'a' * 64}"


@pytest.fixture
def pushed(registry: Registry) -> dict[str, str]:
    """The image of each role but the workload's, with its digest, newly pushed."""
    tagged = {role: f"{registry.host}/lock/{role}:1" for role in ROLES[:4]}
    digests = {role: registry.push_index(f"lock/{role}", "1", content="first") for role in tagged}
    return {role: f"{image}@{digests[role]}" for role, image in tagged.items()}


@pytest.fixture
def project(tmp_path: Path, pushed: dict[str, str]) -> Path:
    """A project whose stack file names four images by tags, and the workload's by its digest."""
    platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: pilothouse\n")
    (tmp_path / "stacks").mkdir()
    chosen = {role: image.partition("@")[0] for role, image in pushed.items()}
    settings = {"images": {**chosen, "workload": GIVEN}}
    write_stack_file(tmp_path, "pilot", "kubernetes", settings)
    return tmp_path


def run(project: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["lock", "pilot", "-C", str(project), *options])
    return result.exit_code, result.stdout + result.stderr


def file_of(project: Path) -> Path:
    return project / "stacks" / "images.pilot.lock.yaml"


def locked(project: Path) -> Any:
    return yaml.safe_load(file_of(project).read_text())["images"]


def chosen(project: Path) -> dict[str, str]:
    """What would run, as the engine's program finds it."""
    settings = yaml.safe_load((project / "stacks/Pulumi.pilot.yaml").read_text())["config"]
    plan = load.plan_of_engine(
        project,
        "pilot",
        target="kubernetes",
        settings=settings["pilothouse:kubernetes"],
        today=platforms.TODAY,
    )
    return images.pinned_images(plan)


def test_tags_are_locked_to_digests_and_these_run(project: Path, pushed: dict[str, str]) -> None:
    before = (project / "stacks/Pulumi.pilot.yaml").read_bytes()
    assert images.without_digest(chosen(project))
    code, said = run(project)
    assert code == 0, said
    assert "4 images, 4 changed" in said
    assert locked(project) == pushed
    assert chosen(project) == {**pushed, "workload": GIVEN}
    assert images.without_digest(chosen(project)) == []
    assert (project / "stacks/Pulumi.pilot.yaml").read_bytes() == before
    assert sorted(path.name for path in project.iterdir()) == [
        "Pulumi.yaml",
        "platform.yaml",
        "stacks",
    ]


def test_a_second_run_does_not_touch_the_file(project: Path) -> None:
    run(project)
    before = file_of(project).stat()
    code, said = run(project)
    assert code == 0
    assert "0 changed" in said
    assert (file_of(project).stat().st_mtime_ns, file_of(project).stat().st_ino) == (
        before.st_mtime_ns,
        before.st_ino,
    )


def test_a_moved_tag_is_shown_and_accepted_only_with_yes(
    project: Path, registry: Registry, pushed: dict[str, str]
) -> None:
    run(project)
    moved = registry.push("lock/mlflow", "1", content="second")
    code, said = run(project)
    assert code == 2
    assert "pass --yes" in said
    assert moved in said
    assert f"locked as {pushed['mlflow']}" in said
    assert locked(project) == pushed
    assert chosen(project)["mlflow"] == pushed["mlflow"]
    assert run(project, "--yes")[0] == 0
    assert locked(project)["mlflow"].endswith(f"mlflow:1@{moved}")


def test_check_writes_nothing_and_fails_when_a_tag_has_moved(
    project: Path, registry: Registry
) -> None:
    assert run(project, "--check")[0] == 1
    assert not file_of(project).exists()
    run(project)
    assert run(project, "--check")[0] == 0
    registry.push("lock/airflow", "1", content="second")
    before = file_of(project).read_text()
    code, said = run(project, "--check")
    assert code == 1
    assert "not as locked: airflow (moved)" in said
    assert file_of(project).read_text() == before


def test_another_tag_is_not_held_to_the_old_ones_digest(
    project: Path, registry: Registry, pushed: dict[str, str]
) -> None:
    run(project)
    newer = registry.push("lock/mlflow", "2")
    image = f"{registry.host}/lock/mlflow:2"
    tagged = {role: locked_image.partition("@")[0] for role, locked_image in pushed.items()}
    settings = {"images": {**tagged, "mlflow": image, "workload": GIVEN}}
    write_stack_file(project, "pilot", "kubernetes", settings)
    assert chosen(project)["mlflow"] == image
    code, said = run(project)
    assert code == 0, said
    assert locked(project) == {**pushed, "mlflow": f"{image}@{newer}"}


def test_what_the_stack_file_names_by_digest_now_is_no_longer_locked(
    project: Path, pushed: dict[str, str]
) -> None:
    run(project)
    settings = {"images": {**pushed, "workload": GIVEN}}
    write_stack_file(project, "pilot", "kubernetes", settings)
    code, said = run(project, "--check")
    assert code == 1
    assert "mlflow (gone)" in said
    run(project)
    assert locked(project) == {}
    assert chosen(project) == {**pushed, "workload": GIVEN}


def test_one_that_cannot_be_resolved_leaves_all_as_it_was(
    project: Path, registry: Registry, pushed: dict[str, str]
) -> None:
    absent = f"{registry.host}/lock/absent:1"
    tagged = {role: image.partition("@")[0] for role, image in pushed.items()}
    settings = {"images": {**tagged, "workload": absent}}
    write_stack_file(project, "pilot", "kubernetes", settings)
    code, said = run(project)
    assert code == 1
    assert f"{absent}: {registry.host} has no such image" in said
    assert not file_of(project).exists()


def test_json_has_every_image(project: Path, pushed: dict[str, str]) -> None:
    result = CliRunner().invoke(cli.app, ["lock", "pilot", "-C", str(project), "--json"])
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert document["file"] == str(file_of(project))
    assert {each["role"]: each["now"] for each in document["images"]} == pushed
    assert {each["state"] for each in document["images"]} == {"new"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("images: {mlflow: example.org/mlflow:1}\n", "lock.yaml:1: images.mlflow"),
        ("images:\n  mlflow: x@sha256:1\n", "lock.yaml:2: images.mlflow"),
        ("image: {}\n", "did you mean images"),
    ],
)
def test_a_spoilt_lock_file_is_refused_by_every_command(
    project: Path, text: str, said: str
) -> None:
    file_of(project).write_text(text)
    for command in ("lock", "up", "preview"):
        result = CliRunner().invoke(cli.app, [command, "pilot", "-C", str(project)])
        assert result.exit_code == 2
        assert said in result.stderr


def test_a_target_that_runs_no_images_is_refused(project: Path) -> None:
    write_stack_file(project, "pilot", "local", {})
    code, said = run(project)
    assert code == 2
    assert "which runs no images: name a stack on kubernetes" in said
