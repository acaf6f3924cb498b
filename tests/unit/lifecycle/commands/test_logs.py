"""`logs` reports the lines that the target has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from typing_extensions import override

from pilothouse.lifecycle.commands import logs
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack


class Logging(EmptyTarget):
    """A target whose services count."""

    @override
    def logs(self, service: str, lines: int) -> Iterable[str]:
        return [f"{service} {number}" for number in range(lines)]


def test_lines_are_printed_and_documented(tmp_path: Path) -> None:
    report = TextReport()
    logs.run(still_stack(tmp_path, Logging()), report, "mlflow", 2)
    assert report.lines == ["mlflow 0", "mlflow 1"]
    assert report.told == {"service": "mlflow", "lines": ["mlflow 0", "mlflow 1"]}
