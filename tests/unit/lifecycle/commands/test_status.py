"""`status` reports every service, and fails where one is not running."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.commands import status
from pilothouse.targets.interface import ServiceState, ServiceStatus
from tests.unit.lifecycle.still_stack import EmptyTarget, StillEngine, TextReport, still_stack

TODAY = date(2026, 11, 28)


class Serving(EmptyTarget):
    """A target with services in these states, by name."""

    def __init__(self, **states: ServiceState) -> None:
        super().__init__()
        self.states = states

    @override
    def services(self) -> list[ServiceStatus]:
        return [ServiceStatus(name=name, state=state) for name, state in self.states.items()]


def test_a_stack_whose_services_run_is_reported_without_its_passwords(tmp_path: Path) -> None:
    report = TextReport()
    status.run(still_stack(tmp_path, Serving(mlflow="running")), report, TODAY, show_secrets=False)
    assert report.told["services"] == [{"name": "mlflow", "state": "running", "detail": ""}]
    assert report.told["tracking"]["login"] == ["password", "username"]
    assert report.lines[0] == "running mlflow"
    assert "hush" not in "\n".join(report.lines)


def test_passwords_are_shown_where_they_are_asked_for(tmp_path: Path) -> None:
    report = TextReport()
    status.run(still_stack(tmp_path, Serving(mlflow="running")), report, TODAY, show_secrets=True)
    assert report.told["tracking"]["login"]["password"] == "hush"
    assert "password hush" in "\n".join(report.lines)


@pytest.mark.parametrize("state", ["starting", "stopped", "failed"])
def test_a_service_that_does_not_run_fails_it(tmp_path: Path, state: ServiceState) -> None:
    report = TextReport()
    stack = still_stack(tmp_path, Serving(mlflow=state, airflow="running"))
    with pytest.raises(PilothouseError, match="not running: mlflow; run `pilothouse up local`"):
        status.run(stack, report, TODAY, show_secrets=False)
    assert len(report.told["services"]) == 2


def test_a_stack_without_services_fails_it(tmp_path: Path) -> None:
    with pytest.raises(PilothouseError, match="no service is running"):
        status.run(still_stack(tmp_path), TextReport(), TODAY, show_secrets=False)


def test_a_run_that_did_not_finish_fails_it_with_what_to_do(tmp_path: Path) -> None:
    stack, report = still_stack(tmp_path, Serving(postgres="running")), TextReport()
    assert isinstance(stack.engine, StillEngine)
    stack.engine.unfinished = "down"
    with pytest.raises(PilothouseError, match="the last `down` did not finish") as caught:
        status.run(stack, report, TODAY, show_secrets=False)
    assert "run `pilothouse up local` to continue, or `pilothouse down local`" in str(caught.value)
    assert report.lines[0] == "running postgres"


def test_an_up_that_was_killed_fails_it(tmp_path: Path) -> None:
    stack = still_stack(tmp_path, Serving(postgres="running"))
    stack.journal.write({}, ended=False)
    with pytest.raises(PilothouseError, match="the last `up` did not finish"):
        status.run(stack, TextReport(), TODAY, show_secrets=False)
