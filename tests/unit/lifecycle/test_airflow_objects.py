"""Airflow's objects around an `up`: what is refused before it, and what goes with the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.config.platform_spec import Orchestration
from pilothouse.errors import InvalidInput
from pilothouse.lifecycle import airflow_objects
from pilothouse.lifecycle.engine.state import STACK_TYPE, StackState
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack

FILE = "variables:\n  api_token: {secret: TOKEN}\n"


class Target(EmptyTarget):
    """A target with these secrets; it gives objects to Airflow, unless there is a reason."""

    secrets_remedy = "export it"

    def __init__(self, known: Mapping[str, str | None], reason: str = "") -> None:
        super().__init__()
        self.known, self.reason = known, reason

    @override
    def secret_values(self, names: Sequence[str]) -> Mapping[str, str | None]:
        return {name: self.known[name] for name in names if name in self.known}

    @override
    def why_no_airflow_objects(self) -> str:
        return self.reason


def state_of(definition: Mapping[str, object]) -> StackState:
    resource = {"type": STACK_TYPE, "urn": "x", "outputs": {"definition": definition}}
    return StackState(exists=True, resources=(resource,))


@pytest.mark.parametrize("value", ["hush", None])
def test_a_secret_that_is_there_passes_though_only_up_can_read_it(
    tmp_path: Path, value: str | None
) -> None:
    (tmp_path / "airflow.yaml").write_text(FILE)
    stack = still_stack(tmp_path, Target({"TOKEN": value}))
    found = airflow_objects.check(stack, TextReport())
    assert found
    assert list(found.secrets) == ["TOKEN"]


def test_a_secret_without_a_value_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "airflow.yaml").write_text(FILE)
    stack = still_stack(tmp_path, Target({}))
    expected = r"airflow.yaml:2: variables.api_token.secret: found no value of TOKEN.*; export it"
    with pytest.raises(InvalidInput, match=expected):
        airflow_objects.check(stack, TextReport())


def test_a_secret_that_cannot_be_read_after_up_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "airflow.yaml").write_text(FILE)
    stack, report = still_stack(tmp_path, Target({"TOKEN": None})), TextReport()
    found = airflow_objects.check(stack, report)
    assert found
    with pytest.raises(InvalidInput, match="no value of TOKEN"):
        airflow_objects.deliver(stack, stack.contract(), report, found)


def test_a_target_without_them_refuses_the_file_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "airflow.yaml").write_text(FILE)
    stack = still_stack(tmp_path, Target({}, "it has no Airflow"))
    with pytest.raises(InvalidInput, match="it has no Airflow; or remove the file"):
        airflow_objects.check(stack, TextReport())


def test_a_file_that_no_engine_reads_is_named(tmp_path: Path) -> None:
    stack, report = still_stack(tmp_path, Target({})), TextReport()
    assert airflow_objects.check(stack, report) is None
    assert report.lines == []
    file = tmp_path / "airflow.yaml"
    file.write_text(FILE)
    managed = Orchestration(engine="managed")
    platform = stack.plan.platform.model_copy(update={"orchestration": managed})
    stack = replace(stack, plan=replace(stack.plan, platform=platform))
    assert airflow_objects.check(stack, report) is None
    assert report.lines == [f"! {file} is not used: orchestration.engine is not airflow"]


@pytest.mark.parametrize(("definition", "goes"), [({"objects": "airflow.yaml"}, True), ({}, False)])
def test_what_an_earlier_file_made_goes_with_the_file(
    tmp_path: Path, definition: Mapping[str, object], goes: bool
) -> None:
    stack = still_stack(tmp_path, Target({}))
    assert bool(airflow_objects.of_earlier(stack, state_of(definition))) is goes
    assert airflow_objects.of_earlier(stack, StackState(exists=False)) is None
