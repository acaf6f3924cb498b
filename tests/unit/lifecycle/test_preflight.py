"""The preflight's checks of the tool chain, and what a failed one says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.errors import Refused
from pilothouse.lifecycle import preflight
from pilothouse.targets.dry_run import Recording
from pilothouse.targets.interface import Check
from tests.unit.lifecycle.still_stack import EmptyTarget, still_stack

GOOD = Check(name="disk", ok=True, detail="9 GiB free", remedy="free some")
BAD = Check(name="port 80", ok=False, detail="in use", remedy="choose another")


class Checking(EmptyTarget):
    """A target whose check counts the resources of the stack's graph."""

    @override
    def preflight(self, graph: Callable[[], Recording]) -> list[Check]:
        return [Check(name="resources", ok=True, detail=str(len(graph().resources)))]


def test_checks_that_pass_are_let_through() -> None:
    preflight.require([GOOD])


def test_every_failed_check_is_named_with_its_remedy() -> None:
    with pytest.raises(Refused) as caught:
        preflight.require([GOOD, BAD, BAD])
    line = "port 80: in use; choose another"
    assert str(caught.value).splitlines() == ["preflight failed:", line, line]


def test_missing_programs_are_failures_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    checks = {check.name: check for check in preflight.examine(still_stack(tmp_path))}
    for name in preflight.PROGRAMS:
        check = checks[f"program {name}"]
        assert (check.ok, check.detail, check.remedy) == (False, "not on PATH", "run `make setup`")
    assert checks["state"].ok


def test_a_target_checks_the_graph_of_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    checks = {check.name: check for check in preflight.examine(still_stack(tmp_path, Checking()))}
    assert int(checks["resources"].detail) > 10


@pytest.mark.parametrize(
    ("installed", "ok"),
    [("v0.0.1", False), ("1.0.0", False), ("3.100000.0-dev.1", True), ("4.0.0", True), ("", False)],
)
def test_a_pulumi_older_than_the_sdk_fails(installed: str, ok: bool) -> None:
    assert preflight._version(installed).ok == ok
