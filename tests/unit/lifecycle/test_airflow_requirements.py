"""What DAGs import around an `up`: locked before it, delivered after it, missed by a preview."""

from __future__ import annotations

from pathlib import Path

import pytest
from testkit.support.tools import uv
from typing_extensions import override

from pilothouse.contract import Contract
from pilothouse.lifecycle import airflow_requirements
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.airflow import requirements
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack


@pytest.fixture(autouse=True)
def _uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """uv is on PATH."""
    monkeypatch.setenv("PATH", str(uv().parent), prepend=":")


class Installer(EmptyTarget):
    """A target whose Airflow gets the packages by a delivery."""

    reads_airflow_lock = True

    @override
    def deliver_airflow_requirements(self, contract: Contract) -> str:
        return "delivered"


class Other(Installer):
    """A target whose Airflow reads the requirements itself."""

    reads_airflow_lock = False


def stack_of(project: Path, target: EmptyTarget) -> Stack:
    """A project whose DAGs require nothing that Airflow has not."""
    (project / "requirements.txt").write_text("# nothing yet\n", encoding="utf-8")
    more = "orchestration: {requirements: requirements.txt}\n"
    return still_stack(project, target, more=more)


def test_the_lock_is_written_once_and_the_packages_are_delivered(tmp_path: Path) -> None:
    stack, report = stack_of(tmp_path, Installer()), TextReport()
    airflow_requirements.warn_if_unresolved(stack, report)
    assert "airflow.lock does not lock" in report.lines[-1]
    airflow_requirements.resolve(stack, report)
    assert "commit it with the project" in report.lines[-1]
    said = len(report.lines)
    airflow_requirements.warn_if_unresolved(stack, report)
    assert len(report.lines) == said
    airflow_requirements.deliver(stack, stack.contract(), report)
    assert report.lines[-1] == "delivered"


def test_a_target_that_reads_them_itself_needs_no_lock(tmp_path: Path) -> None:
    stack, report = stack_of(tmp_path, Other()), TextReport()
    airflow_requirements.warn_if_unresolved(stack, report)
    airflow_requirements.resolve(stack, report)
    airflow_requirements.deliver(stack, stack.contract(), report)
    assert report.lines == []
    assert not (tmp_path / requirements.TEAM_LOCK).exists()
