"""One running stack for the live tests, and a look at it without the code under test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from testkit.support.stacks import Stack, local_stack
from testkit.support.waiting import eventually

SERVICES = [
    "postgres",
    "seaweedfs",
    "mlflow",
    "airflow-api-server",
    "airflow-dag-processor",
    "airflow-scheduler",
    "airflow-triggerer",
]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A stack that is up; a test that hurts it must heal it. Nothing of it may be left."""
    with local_stack() as made:
        made.run("up")
        yield made
        made.run("down", "--yes")
        assert made.traces() == []


@pytest.fixture(scope="session")
def contract(stack: Stack) -> Any:
    """The stack's contract with its secrets, as JSON has it."""
    return stack.json("status", "--show-secrets")


def wait_for_all(stack: Stack) -> None:
    """Wait until all services answer, and Airflow's have been heard of since now.

    They lose their connections when another one stops, and some start again for that.
    """
    now = datetime.now(UTC)

    def well() -> bool:
        return all(stack.answers(name, since=now) for name in SERVICES)

    try:
        eventually(well, seconds=60)
    except AssertionError:
        stack.run("up")  # one of Airflow's can hang over a lost connection; this heals it
        eventually(well, seconds=60)
