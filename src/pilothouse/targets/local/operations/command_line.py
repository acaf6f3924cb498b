"""The services' own commands on this machine: Airflow's with all rights, MLflow's as a client."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError
from pilothouse.services.airflow.settings import SCHEDULER
from pilothouse.targets.local.processes.process_environment import (
    environment_file,
    working_folder,
)

if TYPE_CHECKING:
    from pilothouse.contract import Contract
    from pilothouse.targets.local.processes.layout import Layout

Start = tuple[list[str], Mapping[str, str]]


def run(layout: Layout, contract: Contract, program: str, arguments: Sequence[str]) -> int:
    """Run the program with this process's terminal; its exit code.

    Raises PilothouseError where the stack has no such program.
    """
    command, variables = _PROGRAMS[program](layout, contract)
    return subprocess.run([*command, *arguments], env=variables, check=False).returncode


def _airflow(layout: Layout, _contract: Contract) -> Start:
    """The program in the scheduler's folder, which has all rights."""
    path = working_folder(layout.home, SCHEDULER) / "bin" / "airflow"
    if not path.is_file():
        raise PilothouseError(f"no {path}: bring the stack up")
    return [str(path)], os.environ


def _mlflow(layout: Layout, contract: Contract) -> Start:
    """MLflow's program of the server's environment, as the user of clients."""
    server = environment_file(working_folder(layout.home, "mlflow"))
    try:
        path = json.loads(server.read_text())["PATH"]
    except OSError as error:
        raise PilothouseError(f"{server}: {error.strerror}: bring the stack up") from error
    variables = dict(os.environ)
    for capability in (contract.storage, contract.tracking):
        variables |= {**capability.environment, **capability.secrets}
    return [shutil.which("mlflow", path=path) or "mlflow"], variables


_PROGRAMS: Mapping[str, Callable[[Layout, Contract], Start]] = {
    "airflow": _airflow,
    "mlflow": _mlflow,
}
