"""`pilothouse render`: what it needs, what it says, what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from testkit.support.stacks import write_stack_file
from typer.testing import CliRunner

from pilothouse import cli
from tests.targets.suite import platforms

NOWHERE = "/nowhere"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path / "project")
    (folder / "Pulumi.yaml").write_text("name: pilothouse\n")
    (folder / "stacks").mkdir()
    write_stack_file(folder, "pilot", "kubernetes", {})
    write_stack_file(folder, "here", "local", {})
    return folder


def run(project: Path, folder: Path, *options: str, stack: str = "pilot") -> tuple[int, str, str]:
    arguments = ["render", stack, str(folder), "-C", str(project), *options]
    result = CliRunner().invoke(cli.app, arguments)
    return result.exit_code, result.stdout, result.stderr


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_rendering_without_engine_cluster_and_home_is_deterministic(
    project: Path, tmp_path: Path
) -> None:
    before = sorted(project.rglob("*"))
    for seed in ("1", "2"):
        program = "from pilothouse.cli import main; main()"
        subprocess.run(
            [sys.executable, "-c", program, "render", "pilot", tmp_path / seed, "-C", project],
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "PYTHONHASHSEED": seed,
                "PATH": NOWHERE,
                "HOME": NOWHERE,
                "KUBECONFIG": NOWHERE,
                "HTTPS_PROXY": "http://127.0.0.1:1",
            },
            stdin=subprocess.DEVNULL,
            check=True,
            timeout=120,
        )
    first, second = (texts(tmp_path / seed) for seed in ("1", "2"))
    assert first == second
    assert len(first) > 50
    assert sorted(project.rglob("*")) == before


def test_it_says_what_was_written_and_lists_it_in_json(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, said, _ = run(project, folder)
    assert code == 0
    assert "placeholders such as <" in said
    code, said, told = run(project, folder, "--json")
    document = json.loads(said)
    assert document["files"] == sorted(path.name for path in folder.glob("*.yaml"))
    assert document["changed"] == []
    assert document["folder"] == str(folder)
    assert "<postgres/mlflow>" in document["placeholders"]
    assert "pilothouse lock pilot" in document["warnings"][0]
    assert f"{len(document['files'])} objects, 0 files" in told


def test_generated_secrets_are_kept_and_shown_nowhere(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, said, told = run(project, folder, "--generate-secrets", "--json")
    assert code == 0
    before = texts(folder)
    groups = json.loads(before[".pilothouse-rendering"])["secrets"].values()
    values = [value for group in groups for value in group.values()]
    assert len(values) > 10
    assert not any(value in said + told for value in values)
    assert run(project, folder, "--generate-secrets")[0] == 0
    assert texts(folder) == before
    code, _, told = run(project, folder)
    assert code == 2
    assert "generated secrets" in told
    assert texts(folder) == before
    assert run(project, folder, "--force")[0] == 0
    assert not any(value in text for text in texts(folder).values() for value in values)


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(
    project: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "kustomization.yaml").write_text("mine")
    code, _, told = run(project, folder)
    assert code == 2
    assert "no rendering made" in told
    assert texts(folder) == {"kustomization.yaml": "mine"}
    assert run(project, folder, "--force")[0] == 0
    assert run(project, folder)[0] == 0
    assert texts(folder)["kustomization.yaml"] == "mine"


def test_a_changed_file_is_not_overwritten_unless_forced(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    run(project, folder)
    before = texts(folder)
    edited = next(folder.glob("*-deployment-mlflow.yaml"))
    edited.write_text("mine")
    code, _, told = run(project, folder)
    assert code == 2
    assert f"{edited.name} was changed" in told
    assert edited.read_text() == "mine"
    assert run(project, folder, "--force")[0] == 0
    assert texts(folder) == before


def test_a_target_with_nothing_to_render_is_refused(project: Path, tmp_path: Path) -> None:
    code, _, told = run(project, tmp_path / "out", stack="here")
    assert code == 2
    assert "has nothing to render: name a stack on kubernetes" in told
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_created_is_one_error_line(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, told = run(project, tmp_path / "file")
    assert code == 2
    assert "is not a folder" in told
    code, _, told = run(project, tmp_path / "file" / "below")
    assert code == 1
    assert "can't be written to" in " ".join(told.split())


def test_what_an_up_puts_into_the_store_is_said(project: Path, tmp_path: Path) -> None:
    (project / "dags").mkdir()
    code, _, _ = run(project, tmp_path / "files")
    said = run(project, tmp_path / "files", "--force")[1].replace("\n", " ")
    assert code == 0
    assert "the files lack what `pilothouse up` puts into the store: the team's DAGs" in said
    assert "package of the workload" not in said


def test_dags_that_the_stack_gets_elsewhere_are_not_missed(project: Path, tmp_path: Path) -> None:
    (project / "dags").mkdir()
    write_stack_file(project, "pilot", "kubernetes", {"dags": {"imageFolder": "/opt/team"}})
    said = run(project, tmp_path / "files")[1]
    assert "puts into the store" not in said
