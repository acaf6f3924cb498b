"""Finds and deletes for good what was deleted in MLflow, by a program beside its server."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError
from pilothouse.services.mlflow import garbage
from pilothouse.services.mlflow.settings import GC
from pilothouse.targets.local.processes import files, process_environment, process_table

if TYPE_CHECKING:
    from pathlib import Path

    from pilothouse.contract import Capability
    from pilothouse.targets.local.processes.layout import Layout

NAME = "mlflow-gc"
TIMEOUT = 3600  # seconds
SHOWN_LINES = 20


def run(
    layout: Layout, tracking: Capability[str], action: str, older_than: float
) -> garbage.Garbage:
    """Run `mlflow_gc.py` by the interpreter and with the variables of the server.

    Raises PilothouseError where there is no server, or where the program fails.
    """
    folder = process_environment.working_folder(layout.home, NAME)
    variables = _variables(layout, tracking, folder)
    _end_earlier(folder)
    (folder / "tmp").mkdir(mode=0o700, parents=True)
    interpreter = shutil.which("python", path=variables["PATH"]) or "python"
    try:
        done = subprocess.run(
            [interpreter, str(GC), *garbage.arguments(action, older_than)],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PilothouseError(f"{NAME} did not end within {TIMEOUT} s") from error
    finally:
        files.remove(folder)
    if done.returncode:
        tail = "\n".join(done.stderr.splitlines()[-SHOWN_LINES:])
        raise PilothouseError(f"{NAME} ended with {done.returncode}:\n{tail}".strip())
    return garbage.read_garbage(done.stdout)


def _variables(layout: Layout, tracking: Capability[str], folder: Path) -> dict[str, str]:
    """The server's, the address and the admin of the server, and a folder of its own."""
    server = process_environment.environment_file(
        process_environment.working_folder(layout.home, "mlflow")
    )
    try:
        known = json.loads(server.read_text())
    except OSError as error:
        raise PilothouseError(f"{server}: {error.strerror}: bring the stack up") from error
    return {
        **known,
        **process_environment.base_variables(folder),
        "PATH": known["PATH"],
        "MLFLOW_BACKEND_STORE_URI": known["_MLFLOW_SERVER_FILE_STORE"],
        "MLFLOW_TRACKING_URI": tracking.uri,
        "MLFLOW_TRACKING_USERNAME": tracking.login["username"],
        "MLFLOW_TRACKING_PASSWORD": tracking.login["password"],
    }


def _end_earlier(folder: Path) -> None:
    """End the program of an interrupted run, and remove its files."""
    process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=5)
    files.remove(folder)
