"""`python -m testkit.support.cluster_runs PROJECT STACK`: the workload, run again and again.

A process of its own, as a user's would be. The first line of standard input is the stack's
contract as JSON; when the input ends, so does this after the run that goes on. Prints the state in
which each run ended, or why it was lost.
"""

from __future__ import annotations

import json
import secrets
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx

from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError
from pilothouse.program.load import plan_of_files
from pilothouse.services.airflow.client import airflow_api
from pilothouse.services.workflows import wait_for_run
from pilothouse.targets.kubernetes.operations.target import KubernetesOperations

LIMIT = 240.0  # seconds of a run


def main(project: Path, stack: str) -> None:
    """Run until told to end."""
    inside = Contract.from_output(json.loads(sys.stdin.readline()))
    plan = plan_of_files(project, stack, today=None)
    ended = threading.Event()
    threading.Thread(target=_await_end, args=(ended,), daemon=True).start()
    with KubernetesOperations(plan).accessible(inside) as contract:
        while not ended.is_set():
            if state := _one_run(contract):
                print(state, flush=True)  # noqa: T201 - the answer


def _await_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _one_run(contract: Contract) -> str:
    """How it ended; empty if it was not taken, so that nobody has been promised a run."""
    runs = airflow_api(contract.orchestration)
    runs.timeouts = replace(runs.timeouts, limit=LIMIT)
    try:
        run = runs.start(f"verify-{secrets.token_hex(6)}")
    except (httpx.TransportError, PilothouseError):
        time.sleep(1.0)
        return ""
    try:
        return wait_for_run(runs, run, look=lambda _steps: None).state
    except PilothouseError as error:
        return f"lost: {error}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
