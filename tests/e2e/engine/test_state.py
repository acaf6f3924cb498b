"""How often a command calls the engine for what it knows already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typing_extensions import override

from pilothouse.lifecycle import commands
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.plan import Plan
from pilothouse.services.clients import Clients
from tests.e2e.engine.boxes import ROOT, box_project, configure, engine_of, journal_of
from tests.unit.lifecycle.still_stack import EmptyTarget

pytestmark = pytest.mark.engine

TOOLS = ROOT / ".toolchain" / "bin"
WRAPPER = f"""#!/bin/sh
echo "$*" >> "$0.calls"
exec {TOOLS}/pulumi "$@"
"""


class Boxes(EmptyTarget):
    """A target of boxes, of which the good one is retained."""

    @override
    def is_retained(self, resource: Mapping[str, Any]) -> bool:
        return str(resource["urn"]).endswith("::good")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project whose `pulumi` writes down its arguments."""
    with box_project(tmp_path, monkeypatch):
        tools = tmp_path / ".toolchain"
        tools.unlink()
        (tools / "bin").mkdir(parents=True)
        for program in TOOLS.iterdir():
            if program.name != "pulumi":
                (tools / "bin" / program.name).symlink_to(program)
        wrapper = tools / "bin" / "pulumi"
        wrapper.write_text(WRAPPER)
        wrapper.chmod(0o755)
        yield tmp_path


def opened(folder: Path) -> Stack:
    return Stack(
        project=Project(folder),
        name="dev",
        plan=cast("Plan", SimpleNamespace(target="local")),
        engine=engine_of(folder),
        operations=Boxes(),
        clients=Clients(),
        journal=journal_of(folder),
    )


def calls_before_destroy(folder: Path) -> list[str]:
    """The commands of `pulumi` since the last time, up to the one that destroys."""
    log = folder / ".toolchain" / "bin" / "pulumi.calls"
    calls = [line.replace("--non-interactive ", "") for line in log.read_text().splitlines()]
    log.unlink()
    return calls[: [call.startswith("destroy") for call in calls].index(True)]


@pytest.mark.parametrize("keep_data", [False, True])
def test_a_down_reads_the_state_once(folder: Path, keep_data: bool) -> None:
    configure(folder, "succeed")
    engine = engine_of(folder)
    engine.up(lambda _event: None, {}, engine.state())
    (folder / ".toolchain" / "bin" / "pulumi.calls").unlink()
    stack, report = opened(folder), Report(as_json=False)
    state = commands.down.show(stack, report, keep_data=keep_data)
    commands.down.run(stack, report, state, keep_data=keep_data)
    calls = calls_before_destroy(folder)
    assert [call for call in calls if call.startswith("stack export")] == calls[1:2], calls
    assert not [call for call in calls if call.startswith("stack ls")]
    left = {str(resource["urn"]).rpartition("::")[2] for resource in engine.state().resources}
    assert left & {"good", "bad"} == ({"good"} if keep_data else set())
