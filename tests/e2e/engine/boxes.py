"""A small project before the real engine: its program makes files, and can fail or wait."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pilothouse.lifecycle.engine.automation import Engine
from pilothouse.lifecycle.engine.journal import Journal
from pilothouse.lifecycle.engine.project import Project

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


def engine_of(folder: Path) -> Engine:
    project = Project(folder)
    project.ensure_state()
    variables = {**project.variables("local"), "PULUMI_HOME": f"{folder}/home"}
    engine = Engine(project, "dev", variables)
    engine.ensure_passphrase()
    return engine


def journal_of(folder: Path) -> Journal:
    return Journal.of(Project(folder), "dev")


@contextlib.contextmanager
def box_project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make `folder` a project with a state of its own; every process of it is ended."""
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_HOME", str(folder / "home"))
    monkeypatch.setenv("PATH", os.pathsep.join([f"{folder}/.toolchain/bin", os.environ["PATH"]]))
    for shared in (".venv", ".toolchain"):
        (folder / shared).symlink_to(ROOT / shared)
    (folder / "Pulumi.yaml").write_text(
        "name: trial\nruntime: {name: python, options: {virtualenv: .venv}}\nmain: infra\n"
        "stackConfigDir: stacks\n"
    )
    for name, text in (("infra/__main__.py", PROGRAM), ("stacks/Pulumi.dev.yaml", "config: {}\n")):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    yield
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            theirs = process.environ().get("PULUMI_HOME") == str(folder / "home")
            if theirs and process.pid != os.getpid():
                process.kill()


def configure(folder: Path, then: str) -> None:
    text = f"config: {{trial:then: {then}}}\n" if then else "config: {}\n"
    (folder / "stacks" / "Pulumi.dev.yaml").write_text(text)
