"""The services' own commands on this machine: whose program runs, with which variables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pilothouse.contract import Capability, Contract
from pilothouse.errors import PilothouseError
from pilothouse.targets.local.operations import command_line
from pilothouse.targets.local.processes.layout import Layout

EMPTY: Capability[str] = Capability(uri="", console="")
CONTRACT = Contract(
    storage=Capability(uri="", console="", secrets={"AWS_SECRET_ACCESS_KEY": "of-a-test"}),
    compute=EMPTY,
    tracking=Capability(
        uri="", console="", environment={"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}
    ),
    orchestration=EMPTY,
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    home = tmp_path / "home"
    return Layout(home=home, environments=tmp_path, dags=tmp_path, base_port=20000)


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_airflow_is_the_program_of_the_stack(
    layout: Layout, capfd: pytest.CaptureFixture[str]
) -> None:
    program = layout.home / "services" / "airflow-scheduler" / "bin" / "airflow"
    write_program(program, 'echo "airflow $*"; exit 3')
    arguments = ["pools", "set", "small", "2", "two at once"]
    assert command_line.run(layout, CONTRACT, "airflow", arguments) == 3
    assert capfd.readouterr().out == "airflow pools set small 2 two at once\n"


def test_mlflow_is_the_servers_program_as_a_client(
    layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_program(
        tmp_path / "mlflow-1" / "bin" / "mlflow",
        'echo "$1 $MLFLOW_TRACKING_URI $AWS_SECRET_ACCESS_KEY $_MLFLOW_SERVER_FILE_STORE"',
    )
    folder = layout.home / "services" / "mlflow"
    folder.mkdir(parents=True)
    variables = {"PATH": f"{tmp_path}/mlflow-1/bin", "_MLFLOW_SERVER_FILE_STORE": "hidden"}
    (folder / "environment.json").write_text(json.dumps(variables))
    assert command_line.run(layout, CONTRACT, "mlflow", ["experiments"]) == 0
    assert capfd.readouterr().out == "experiments http://127.0.0.1:1 of-a-test \n"


@pytest.mark.parametrize("program", ["airflow", "mlflow"])
def test_without_a_stack_the_remedy_is_named(layout: Layout, program: str) -> None:
    with pytest.raises(PilothouseError, match="bring the stack up"):
        command_line.run(layout, CONTRACT, program, [])
