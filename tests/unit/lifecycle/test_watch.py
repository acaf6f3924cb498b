"""While the engine waits, a service that does not get ready is told of, once."""

import time
from collections.abc import Iterator

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle import watch
from pilothouse.lifecycle.watch import Watch
from pilothouse.targets.interface import ServiceStatus

WELL = ServiceStatus(name="mlflow", state="running", detail="2 of 2 ready")
STARTING = ServiceStatus(name="mlflow", state="starting", detail="0 of 2 ready")
FAILED = ServiceStatus(name="mlflow", state="failed", detail="ErrImagePull")


def told(*looks: ServiceStatus) -> list[str]:
    """What is said of these looks, one after another."""
    said: list[str] = []
    following: Iterator[ServiceStatus] = iter(looks)
    watched = Watch(lambda: [next(following)], said.append)
    for _ in looks:
        watched.poll()
    return said


def test_what_fails_at_two_looks_in_a_row_is_told_once() -> None:
    assert told(FAILED, FAILED, FAILED) == ["mlflow does not get ready: ErrImagePull"]


def test_what_starts_or_fails_for_a_moment_is_not_told() -> None:
    assert told(STARTING, FAILED, STARTING, FAILED, WELL) == []


def test_what_fails_again_is_told_again() -> None:
    assert len(told(FAILED, FAILED, WELL, FAILED, FAILED)) == 2


def test_it_looks_on_by_itself_and_survives_what_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "PERIOD", 0.01)
    looked: list[int] = []

    def services() -> list[ServiceStatus]:
        looked.append(1)
        if len(looked) == 1:
            raise PilothouseError("the cluster does not answer")
        return [FAILED]

    said: list[str] = []
    with Watch(services, said.append):
        deadline = time.monotonic() + 10
        while not said and time.monotonic() < deadline:
            time.sleep(0.01)
    assert said == ["mlflow does not get ready: ErrImagePull"]
