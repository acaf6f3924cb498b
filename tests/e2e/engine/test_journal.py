"""The journal of creates before the real engine: what it says of runs that fail or are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.lifecycle.engine.automation import EngineFailed
from pilothouse.targets.interface import PendingCreate
from tests.e2e.engine.boxes import KIND, ROOT, box_project, configure, engine_of, journal_of

pytestmark = pytest.mark.engine

RUN = """
import sys
from pathlib import Path
from tests.e2e.engine.boxes import engine_of, journal_of
folder = Path(sys.argv[1])
with journal_of(folder).recording(lambda event: None) as listen:
    engine = engine_of(folder)
    engine.up(listen, {}, engine.state())
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with box_project(tmp_path, monkeypatch):
        yield tmp_path


def up(folder: Path) -> None:
    engine = engine_of(folder)
    with journal_of(folder).recording(lambda _event: None) as listen:
        engine.up(listen, {}, engine.state())


def test_a_run_that_went_well_leaves_no_journal(folder: Path) -> None:
    up(folder)
    assert not journal_of(folder).path.exists()


def test_a_create_whose_reply_was_lost_is_told_of_and_no_state_has_it(folder: Path) -> None:
    configure(folder, "fail")
    with pytest.raises(EngineFailed, match="the reply was lost"):
        up(folder)
    (began,) = journal_of(folder).unfinished() or ()
    assert began.type == KIND
    assert began.urn.endswith("::bad")
    state = engine_of(folder).state()
    assert began.urn not in [resource["urn"] for resource in state.resources]
    assert state.pending_creates == []


def test_of_a_killed_run_nobody_can_say_and_the_state_tells_of_the_create(folder: Path) -> None:
    configure(folder, "wait")
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)], env=variables, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 120
        while not list(folder.rglob("bad")) and time.monotonic() < deadline:
            time.sleep(0.2)
        os.killpg(process.pid, signal.SIGKILL)
    assert journal_of(folder).unfinished() is None
    engine = engine_of(folder)
    engine.clear_stale_locks(lambda _lock: None)
    (pending,) = engine.state().pending_creates
    assert isinstance(pending, PendingCreate)
    assert pending.urn.endswith("::bad")
