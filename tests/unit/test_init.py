"""`pilothouse init`: the files of a new project, and what it refuses."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pilothouse import cli, targets
from pilothouse.config import platform_spec
from pilothouse.errors import Refused
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.new_project import answers, files
from pilothouse.program.load import plan_of_files

ROOT = Path(__file__).parents[2]
FILES = {
    *("Pulumi.yaml", "platform.yaml", "stacks/Pulumi.local.yaml", "infra/__main__.py"),
    *("infra/.venv", ".gitignore", "pipeline/pyproject.toml"),
    *("pipeline/src/pipeline/__init__.py", "pipeline/tests/test_pipeline.py"),
}


def today() -> date:
    return datetime.now(UTC).date()


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["init", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def below(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def test_without_a_terminal_defaults_make_a_whole_project(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "1. Churn_Model"
    code, said, _ = run(folder)
    assert (code, below(folder)) == (0, FILES)
    plan = plan_of_files(folder, "local", today=today())
    assert (plan.platform.name, plan.target) == ("churn-model", "local")
    assert plan.platform.pilot.expires == today() + answers.DURATION
    assert f"cd '{folder}'" in said
    assert said.index("pilothouse setup") < said.index("pilothouse up local")


@pytest.mark.parametrize("target", sorted(targets.registered()))
def test_a_stack_on_each_target_can_be_planned_as_it_is_written(
    tmp_path: Path, target: str
) -> None:
    code, _, _ = run(tmp_path, "--target", target)
    assert code == 0
    assert plan_of_files(tmp_path, target, today=today()).target == target


def test_required_settings_are_to_be_edited_first(tmp_path: Path) -> None:
    code, said, _ = run(tmp_path, "-t", "aws", "-t", "local", "-t", "aws", "--json")
    document = json.loads(said)
    assert (code, document["folder"]) == (0, str(tmp_path))
    assert {"stacks/Pulumi.aws.yaml", "stacks/Pulumi.local.yaml"} < set(document["files"])
    edit, *commands = document["next"][1:]
    assert edit.startswith("# ")
    assert "stacks/Pulumi.aws.yaml" in edit
    assert commands == ["pilothouse setup", "pilothouse up aws"]


def test_the_commented_lines_of_platform_yaml_are_the_defaults_of_every_key(tmp_path: Path) -> None:
    run(tmp_path)
    file = tmp_path / "platform.yaml"
    before = platform_spec.load(file, today=today())
    text = re.sub("^#(?! [^ ])", "", file.read_text(), flags=re.MULTILINE)
    file.write_text(text)
    after = platform_spec.load(file, today=today())
    assert after.model_dump(exclude={"compute": {"parallelism"}}) == before.model_dump(
        exclude={"compute": {"parallelism"}}
    )
    given = yaml.safe_load(text)
    assert {*given} == {field.alias or name for name, field in type(after).model_fields.items()}
    for section in ("storage", "compute", "orchestration", "tracking", "access"):
        keys = type(getattr(after, section)).model_fields
        # Each needs more: a public platform, a provider, a folder, a file.
        optional = {"host", "oidc", "dags", "objects", "requirements"}
        assert {*given[section]} == {f.alias or n for n, f in keys.items()} - optional, section


def test_the_repository_is_such_a_project(tmp_path: Path) -> None:
    run(tmp_path, "--name", "demo")
    for name in ("infra/__main__.py", "stacks/Pulumi.local.yaml"):
        assert (tmp_path / name).read_text() == (ROOT / name).read_text()
    assert (tmp_path / "infra/.venv").readlink() == (ROOT / "infra/.venv").readlink()
    made, own = (yaml.safe_load((path / "Pulumi.yaml").read_text()) for path in (tmp_path, ROOT))
    assert {**made, "name": own["name"]} == own
    ignored = (tmp_path / ".gitignore").read_text().splitlines()
    assert set(ignored) <= set((ROOT / ".gitignore").read_text().splitlines())
    assert Project(tmp_path).name == "demo"


@pytest.mark.parametrize("name", ["true", "null", "yes", "on", "n"])
def test_a_name_that_yaml_could_take_for_something_else_stays_a_name(
    tmp_path: Path, name: str
) -> None:
    assert run(tmp_path, "--name", name, "--owner", "123")[0] == 0
    platform = platform_spec.load(tmp_path / "platform.yaml", today=today())
    assert (platform.name, platform.owner) == (name, "123")
    assert Project(tmp_path).name == name


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--name", "Churn Model", "name: found"),
        ("--owner", "a b", "owner: found"),
        ("--owner", "", "owner: found"),
        ("--target", "locale", "did you mean local"),
    ],
)
def test_wrong_options_are_refused_and_nothing_is_written(
    tmp_path: Path, option: str, value: str, words: str
) -> None:
    code, _, said = run(tmp_path / "new", option, value)
    assert code == 2
    assert words in said
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("obstacle", sorted(FILES))
def test_a_file_in_the_way_is_named_and_nothing_is_written(tmp_path: Path, obstacle: str) -> None:
    file = tmp_path / obstacle
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to("nowhere")
    code, _, said = run(tmp_path)
    assert (code, below(tmp_path)) == (2, {obstacle})
    assert f"{obstacle} exists already" in said


@pytest.mark.parametrize("obstacle", ["stacks", "pipeline", "."])
def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path, obstacle: str) -> None:
    folder = tmp_path / "new"
    (folder / obstacle).parent.mkdir(exist_ok=True)
    (folder / obstacle).write_text("mine")
    code, _, said = run(folder)
    assert code == 2
    assert f"{folder if obstacle == '.' else obstacle} exists already" in said
    assert (folder / obstacle).read_text() == "mine"


def test_what_was_written_before_a_failure_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    made = {Path("a/b/one"): "1", Path("x" * 300): "2"}  # no file can have a name that long
    with pytest.raises(Refused, match="nothing was written"):
        files.write(folder, made)
    assert not folder.exists()


def test_other_files_of_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "stacks").mkdir()
    assert run(tmp_path)[0] == 0
    assert below(tmp_path) == {*FILES, "README.md"}
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_terminal_is_asked_until_the_answers_are_valid(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    program = [sys.executable, "-c", "from pilothouse.cli import main; main()"]
    process = subprocess.Popen(
        [*program, "init", "new", "--owner", "ml-team", "--json"],
        cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, b"Wrong Name\nchurn\nlocal, nowhere\nlocal, aws\n")
    said, asked = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, asked
    assert "Name of the platform [new]" in asked
    assert "Owner" not in asked
    assert 'target: found "nowhere"' in asked
    assert json.loads(said)["next"][-1] == "pilothouse up local"
    assert platform_spec.load(tmp_path / "new/platform.yaml", today=today()).name == "churn"


def test_the_sample_package_passes_its_own_test(tmp_path: Path) -> None:
    run(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path / "pipeline",
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.parametrize("target", ["local", "kubernetes", "aws"])
def test_the_sample_is_the_workload_on_every_target(tmp_path: Path, target: str) -> None:
    run(tmp_path, "-t", "local", "-t", target)
    workload = platform_spec.load(tmp_path / "platform.yaml", today=today()).workload
    assert workload is not None
