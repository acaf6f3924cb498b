"""A run whose time is over leaves tests out and counts them; without a limit it runs them all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from testkit import deadline

REPOSITORY = Path(__file__).parents[2]
TESTS = """
import os, pytest

@pytest.fixture(scope="session")
def costly():
    open("made", "a").close()

def test_first():
    os.environ.update({change})

def test_second(costly):
    pass
"""


@pytest.mark.parametrize(
    ("limit", "said", "made"),
    [("", "2 passed", True), ("60", "1 passed, 1 skipped", False), ("-1", "2 skipped", False)],
)
def test_what_begins_after_the_limit_is_not_run(
    tmp_path: Path, limit: str, said: str, made: bool
) -> None:
    over = {deadline.VARIABLE: "0"} if limit == "60" else {}
    (tmp_path / "test_some.py").write_text(TESTS.format(change=over))
    until = str(time.time() + float(limit)) if limit else ""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "testkit.deadline", "-p", "no:randomly", "-q", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), deadline.VARIABLE: until},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said in done.stdout
    assert ("NOT RUN FOR TIME" in done.stdout) == bool(limit)
    assert (tmp_path / "made").exists() == made
