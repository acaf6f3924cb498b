"""The preflight's checks of the tool chain, and what a failed one says."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.errors import Refused
from pilothouse.lifecycle import preflight
from pilothouse.lifecycle.engine.state import STACK_TYPE, StackState
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
        remedy = "run `pilothouse setup`"
        assert (check.ok, check.detail, check.remedy) == (False, "not on PATH", remedy)
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


@pytest.mark.parametrize(
    ("installed", "found"),
    [("0.0.1", "pilothouse 0.0.1"), ("", "no pilothouse"), (version("pilothouse"), "")],
)
def test_the_programs_environment_must_have_this_pilothouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: str, found: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stack = still_stack(tmp_path)
    runtime = "runtime: {name: python, options: {virtualenv: own}}\n"
    (stack.project.root / "Pulumi.yaml").write_text(f"name: demo\n{runtime}")
    if installed:
        name = f"pilothouse-{installed}.dist-info"
        (stack.project.root / "own/lib/python3.11/site-packages" / name).mkdir(parents=True)
    checks = {check.name: check for check in preflight.examine(stack)}
    check = checks["the program's environment"]
    assert check.ok == (not found)
    assert found in check.detail
    assert f"installs pilothouse {version('pilothouse')}" in check.remedy


def state_by(version: str | None) -> StackState:
    """The state of a stack that this version has set up."""
    definition = {"definition": {"version": version} if version else {}}
    return StackState(exists=True, resources=[{"type": STACK_TYPE, "outputs": definition}])


def test_a_stack_of_a_newer_version_is_not_changed_by_an_older_one() -> None:
    check = preflight.version_check(state_by("99.1"))
    assert not check.ok
    assert "install pilothouse 99.1 or a newer one" in check.remedy


@pytest.mark.parametrize(
    ("made_by", "said"),
    [
        ("0.0.9", "`pilothouse preview` shows what this one changes"),
        (version("pilothouse"), f"set up by pilothouse {version('pilothouse')}"),
        (None, "not set up by a version that says so"),
    ],
)
def test_a_stack_of_this_or_an_older_version_is_let_through(made_by: str | None, said: str) -> None:
    check = preflight.version_check(state_by(made_by))
    assert check.ok
    assert said in check.detail


def test_a_stack_that_does_not_exist_is_let_through() -> None:
    assert preflight.version_check(StackState(exists=False)).ok
