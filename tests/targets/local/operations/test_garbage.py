"""The program of garbage collection: its interpreter, its variables, how it fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pilothouse.contract import Capability
from pilothouse.errors import PilothouseError
from pilothouse.services.mlflow.garbage import Garbage
from pilothouse.targets.local.operations import garbage
from pilothouse.targets.local.processes.layout import Layout

TRACKING: Capability[str] = Capability(
    uri="http://127.0.0.1:5", console="", login={"username": "admin", "password": "hush"}
)
ANSWER = """
import json, os, sys
names = ("MLFLOW_BACKEND_STORE_URI", "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD", "MLFLOW_DISABLE_TELEMETRY")
said = [*sys.argv[2:], *(os.environ[name] for name in names), os.getcwd()]
print(json.dumps({"runs": said}))
"""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    home = tmp_path / "stack"
    return Layout(
        home=home, environments=tmp_path / "environments", dags=home / "dags", base_port=1
    )


def serve(layout: Layout, program: str) -> None:
    """Variables of a server whose interpreter runs `program` in place of what it is given."""
    programs = layout.environments / "bin"
    programs.mkdir(parents=True)
    (programs / "program.py").write_text(program)
    python = programs / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {programs}/program.py "$@"\n')
    python.chmod(0o700)
    variables = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "_MLFLOW_SERVER_FILE_STORE": "postgresql://secret",
    }
    folder = layout.home / "services" / "mlflow"
    folder.mkdir(parents=True)
    (folder / "environment.json").write_text(json.dumps(variables))


def test_it_runs_by_the_servers_interpreter_with_its_variables(layout: Layout) -> None:
    serve(layout, ANSWER)
    folder = layout.home / "services" / "mlflow-gc"
    assert garbage.run(layout, TRACKING, "list", 604800) == Garbage(
        runs=[
            *("list", "604800.000s", "postgresql://secret", "http://127.0.0.1:5"),
            *("admin", "hush", "true", str(folder)),
        ]
    )
    assert not folder.exists()


def test_a_failure_shows_its_last_words_and_leaves_no_files(layout: Layout) -> None:
    serve(layout, "import sys\nsys.exit('no such table')\n")
    with pytest.raises(PilothouseError, match="mlflow-gc ended with 1:\nno such table"):
        garbage.run(layout, TRACKING, "delete", 0)
    assert not (layout.home / "services" / "mlflow-gc").exists()


def test_what_an_interrupted_run_left_is_no_hindrance(layout: Layout) -> None:
    serve(layout, ANSWER)
    (layout.home / "services" / "mlflow-gc" / "tmp").mkdir(parents=True)
    assert garbage.run(layout, TRACKING, "list", 0).runs


def test_without_a_server_the_stack_is_to_be_brought_up(layout: Layout) -> None:
    with pytest.raises(PilothouseError, match=r"environment\.json: No such file .*: bring"):
        garbage.run(layout, TRACKING, "list", 0)
