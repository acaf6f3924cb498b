"""What the command line refuses, how it says so, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pilothouse import cli
from pilothouse.errors import Refused
from pilothouse.lifecycle import preflight
from pilothouse.lifecycle.engine.backend_locks import StackBusy
from pilothouse.lifecycle.proof.verify import NotProved
from pilothouse.lifecycle.teardown import LeftoversFound
from pilothouse.targets.interface import Backup
from pilothouse.targets.local.operations.target import LocalOperations

COMMANDS = [
    *("up", "preview", "render", "lock", "verify", "status", "logs", "down", "restore", "doctor"),
    *("env", "list", "people", "gc", "setup"),
]
GOOD = Path(__file__).parents[2] / "examples" / "minimal.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: pilothouse\n")
    (tmp_path / "platform.yaml").write_text(GOOD.read_text())
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.local.yaml").write_text("config: {pilothouse:target: local}\n")
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, arguments)
    return result.exit_code, result.stdout, result.stderr


def made_in(project: Path) -> list[str]:
    return sorted(path.name for path in project.iterdir())


def test_the_exit_codes_are_these() -> None:
    errors = (Refused, NotProved, LeftoversFound, StackBusy)
    assert [error.exit_code for error in errors] == [2, 3, 4, 5]
    for code in ("0 done", "2 refused", "3 the platform", "4 something", "5 another", "130"):
        assert code in cli.EXIT_CODES


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    code, said, _ = run(command, "--help")
    assert code == 0
    assert "--json" in said
    assert "--project" in said


@pytest.mark.parametrize(("name", "example"), [(name, text) for name, _, text in cli.COMMANDS])
def test_every_command_has_an_example_that_it_accepts(name: str, example: str) -> None:
    assert f"Example: pilothouse {example}" in " ".join(run(name, "--help")[1].split())
    first, *arguments = shlex.split(example)
    assert first == name
    command = typer.main.get_group(cli.app).commands[name]
    assert command.make_context(name, arguments).args == []


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version") == (0, f"pilothouse {version('pilothouse')}\n", "")


def test_a_shell_completes_commands() -> None:
    program = [sys.executable, "-c", "from pilothouse.cli import app; app(prog_name='pilothouse')"]
    variables = {
        "_PILOTHOUSE_COMPLETE": "complete_bash", "COMP_WORDS": "pilothouse re", "COMP_CWORD": "1"
    }  # fmt: skip
    done = subprocess.run(
        program, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["render", "resume", "restore"]


def test_help_names_every_command_and_the_exit_codes() -> None:
    said = " ".join(run("--help")[1].split())
    assert all(command in said for command in COMMANDS)
    assert "4 something is left after a teardown" in said


@pytest.mark.parametrize("command", ["up", "preview"])
def test_a_wrong_platform_is_refused_with_all_its_problems_and_nothing_is_made(
    project: Path, command: str
) -> None:
    (project / "platform.yaml").write_text("name: Demo\nownr: me\n")
    before = made_in(project)
    code, _, said = run(command, "local", "-C", str(project))
    assert code == 2
    assert "platform.yaml:1" in said
    assert "did you mean owner" in said
    assert "pilot" in said
    assert made_in(project) == before


def test_an_expired_pilot_is_refused_where_something_would_be_made_only(project: Path) -> None:
    text = "name: churn\nowner: ml-team\npilot:\n  expires: 2020-01-01\n  monthlyBudget: 5\n"
    (project / "platform.yaml").write_text(text)
    code, _, said = run("up", "local", "-C", str(project))
    assert code == 2
    assert "2020-01-01" in said
    assert run("env", "local", "-C", str(project))[0] == 0


def test_an_unknown_stack_is_refused_with_the_known_ones(project: Path) -> None:
    code, _, said = run("up", "locall", "-C", str(project))
    assert code == 2
    assert "local" in said


def test_problems_are_data_in_json(project: Path) -> None:
    (project / "platform.yaml").write_text("name: Demo\n")
    code, said, _ = run("up", "local", "-C", str(project), "--json")
    document = json.loads(said)
    assert (code, document["exit_code"]) == (2, 2)
    assert {"platform.yaml"} == {Path(problem["file"]).name for problem in document["problems"]}


def test_what_a_failing_command_found_and_its_error_are_one_document(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(project / "none"))
    stack = "config: {pilothouse:target: kubernetes}\n"
    (project / "stacks" / "Pulumi.pilot.yaml").write_text(stack)
    code, said, _ = run("doctor", "pilot", "-C", str(project), "--json")
    document = json.loads(said)
    assert (code, document["exit_code"]) == (2, 2)
    assert document["error"] == "preflight failed"
    assert [each["ok"] for each in document["checks"] if each["name"] == "cluster"] == [False]


def test_logs_of_an_unknown_service_are_refused(project: Path) -> None:
    code, _, said = run("logs", "local", "nothing", "-C", str(project))
    assert code == 1
    assert "no log of 'nothing'" in said


@pytest.mark.parametrize("more", [["--list"], ["--yes"], ["20261124T020000Z", "--yes"]])
def test_a_restore_is_refused_where_no_backups_are_made(project: Path, more: list[str]) -> None:
    code, _, said = run("restore", "local", *more, "-C", str(project))
    assert code == 2
    assert "makes no backups" in said


def test_garbage_of_another_age_is_refused_and_of_a_stack_that_is_not_up_unknown(
    project: Path,
) -> None:
    code, _, said = run("gc", "local", "--older-than", "week", "-C", str(project))
    assert code == 2
    assert 'found "week"; give days' in said
    code, _, said = run("gc", "local", "-C", str(project))
    assert code == 1
    assert "pilothouse up local" in said


def test_env_prints_what_a_shell_can_take(project: Path) -> None:
    code, said, _ = run("env", "local", "-C", str(project))
    assert code == 0
    assert all(line.startswith("export ") for line in said.splitlines())


def test_a_restore_of_an_expired_pilot_that_is_not_set_up_stops_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(LocalOperations, "backups", lambda _: [Backup(name="one", bytes=1)])
    monkeypatch.setattr(LocalOperations, "restore", lambda _, name: stopped.append(name))
    monkeypatch.setattr(preflight, "examine", lambda _: [])
    file, before = project / "platform.yaml", made_in(project)
    file.write_text(re.sub("expires: .*", "expires: 2020-01-01", file.read_text()))
    code, _, said = run("restore", "local", "--yes", "--project", str(project))
    assert code == 2
    assert "pilot.expires: found 2020-01-01; choose a day from" in said
    assert (stopped, made_in(project)) == ([], before)


def test_without_pulumi_the_remedy_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    code, _, said = run("list", "--project", str(project))
    assert code == 1
    assert "pulumi: not on PATH; run `pilothouse setup`" in said
