"""Tests that have not begun when the time of a run is over are skipped, and the summary says so.

`PILOTHOUSE_TESTS_UNTIL` has the time, in seconds since 1970. The order of tests is another in each
run (pytest-randomly), so that what one run leaves out another one does not.
"""

from __future__ import annotations

import os
import time

import pytest

VARIABLE = "PILOTHOUSE_TESTS_UNTIL"
REASON = "not run: the time of this run is over"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Skip a test, and the fixtures that it would set up, after the deadline."""
    if time.time() >= float(os.environ.get(VARIABLE) or "inf"):
        pytest.skip(REASON)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were left out, in a line of their own."""
    skipped = terminalreporter.getreports("skipped")
    if count := sum(REASON in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"NOT RUN FOR TIME: {count} tests", red=True, bold=True)
