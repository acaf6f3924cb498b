"""The journal of creates before the real engine: what it says of runs that fail or are killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pilothouse.lifecycle.engine.automation import Engine, EngineFailed
from pilothouse.lifecycle.engine.journal import Journal
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.recovery import pending_creates
from pilothouse.targets.interface import PendingCreate

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[3]
KIND = "pulumi-python:dynamic:Resource"
PROGRAM = """
import pathlib, time
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Boxes(ResourceProvider):
    def create(self, props):
        pathlib.Path(props["path"]).touch()
        if props["then"] == "fail":
            raise ValueError("the reply was lost")
        if props["then"] == "wait":
            time.sleep(600)
        return CreateResult(props["path"], props)

class Box(Resource):
    def __init__(self, name, then):
        super().__init__(Boxes(), name, {"path": name, "then": then})

Box("good", "")
then = pulumi.Config().get("then")
if then:
    Box("bad", then)
"""
RUN = """
import sys
from pathlib import Path
from tests.engine.test_journal import engine_of, journal_of
folder = Path(sys.argv[1])
with journal_of(folder).recording(lambda event: None) as listen:
    engine = engine_of(folder)
    engine.up(listen, {}, engine.deployment())
"""


def engine_of(folder: Path) -> Engine:
    project = Project(folder)
    return Engine(project, "dev", {**project.variables("local"), "PULUMI_HOME": f"{folder}/home"})


def journal_of(folder: Path) -> Journal:
    return Journal.of(Project(folder), "dev")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with a state of its own; every process of it is ended."""
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    for shared in (".venv", ".toolchain"):
        (tmp_path / shared).symlink_to(ROOT / shared)
    (tmp_path / "Pulumi.yaml").write_text(
        "name: trial\nruntime: {name: python, options: {virtualenv: .venv}}\nmain: infra\n"
        "stackConfigDir: stacks\n"
    )
    for name, text in (("infra/__main__.py", PROGRAM), ("stacks/Pulumi.dev.yaml", "config: {}\n")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    yield tmp_path
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            theirs = process.environ().get("PULUMI_HOME") == str(tmp_path / "home")
            if theirs and process.pid != os.getpid():
                process.kill()


def configure(folder: Path, then: str) -> None:
    text = f"config: {{trial:then: {then}}}\n" if then else "config: {}\n"
    (folder / "stacks" / "Pulumi.dev.yaml").write_text(text)


def up(folder: Path) -> None:
    engine = engine_of(folder)
    with journal_of(folder).recording(lambda _event: None) as listen:
        engine.up(listen, {}, engine.deployment())


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
    state = engine_of(folder).deployment()
    assert began.urn not in [each["urn"] for each in state["resources"]]
    assert list(pending_creates(state)) == []


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
    engine.take_over(lambda _lock: None)
    (pending,) = pending_creates(engine.deployment())
    assert isinstance(pending, PendingCreate)
    assert pending.urn.endswith("::bad")
