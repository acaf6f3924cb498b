"""`open` reports the ports while they are open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typing_extensions import override

from pilothouse.cli import session
from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.commands import open_ports
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack


class Forwarding(EmptyTarget):
    """A target that is accessible for a while."""

    is_open = False

    @override
    @contextmanager
    def accessible(self, contract: Contract) -> Iterator[Contract]:
        self.is_open = True
        yield contract
        self.is_open = False


def test_ports_are_reported_while_they_are_open_and_an_error_after_that_is_no_second_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []

    def wait() -> None:
        told.append(capsys.readouterr().out)
        raise PilothouseError("the cluster does not answer")

    with pytest.raises(typer.Exit), session.reported(True) as report:
        open_ports.run(still_stack(tmp_path), report, show_secrets=False, wait=wait)
    assert json.loads(told[0])["tracking"]["uri"] == "here"
    assert capsys.readouterr().out == ""


def test_ports_are_open_until_the_wait_is_over(tmp_path: Path) -> None:
    target, report = Forwarding(), TextReport()
    seen: list[bool] = []
    stack = still_stack(tmp_path, target)
    open_ports.run(stack, report, show_secrets=False, wait=lambda: seen.append(target.is_open))
    assert seen == [True]
    assert not target.is_open
    assert len(report.lines) == 5
    assert report.lines[-1] == "press Ctrl-C to end"
