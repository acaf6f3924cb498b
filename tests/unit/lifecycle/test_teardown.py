"""A teardown: what it destroys, what it keeps, and what its proof says of what is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from typing_extensions import override

from pilothouse.lifecycle import teardown
from pilothouse.lifecycle.engine.automation import Engine, OnEvent
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.teardown import LeftoversFound, TeardownProof
from pilothouse.targets.interface import Leftover
from tests.unit.lifecycle.still_stack import EmptyTarget

RESOURCES: list[dict[str, Any]] = [
    {"urn": "stack", "type": "pulumi:pulumi:Stack"},
    {"urn": "volume", "type": "volume", "parent": "stack"},
    {"urn": "server", "type": "server", "parent": "stack", "dependencies": ["volume"]},
]
STATE = StackState(exists=True, resources=RESOURCES)


class Target(EmptyTarget):
    """A target whose volumes are retained, and that has these leftovers."""

    def __init__(self, *found: Leftover) -> None:
        super().__init__()
        self.found, self.calls = list(found), list[str]()

    @override
    def is_retained(self, resource: Mapping[str, Any]) -> bool:
        return bool(resource["type"] == "volume")

    @override
    def clean_up(self, *, keep_data: bool) -> None:
        self.calls.append(f"clean up, keep_data={keep_data}")

    @override
    def leftovers(self, *, keep_data: bool) -> list[Leftover]:
        self.calls.append("leftovers")
        return self.found


class RecordingEngine(Engine):
    """Keeps what it was asked to destroy."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    @override
    def destroy(self, on_event: OnEvent, variables: Mapping[str, str]) -> None:
        self.calls.append("everything")

    @override
    def destroy_all_but(
        self,
        keep: Collection[str],
        state: StackState,
        on_event: OnEvent,
        variables: Mapping[str, str],
    ) -> None:
        self.calls.append(keep)

    @override
    def forget(self) -> None:
        self.calls.append("forget")


def tear_down(
    target: Target, state: StackState = STATE, *, keep_data: bool
) -> tuple[list[object], TeardownProof]:
    engine = RecordingEngine()
    proof = teardown.tear_down(engine, target, state, lambda _event: None, keep_data=keep_data)
    return engine.calls, proof


def leftover(verdict: Any) -> Leftover:
    return Leftover(kind="volume", name="data", verdict=verdict, detail="10 GB")


def test_everything_is_destroyed_then_cleaned_up_then_looked_for() -> None:
    target = Target()
    calls, proof = tear_down(target, keep_data=False)
    assert calls == ["everything"]
    assert target.calls == ["clean up, keep_data=False", "leftovers"]
    assert proof == TeardownProof(looked_for=["volume", "server"], kept=[])


def test_what_is_retained_is_kept_with_its_dependencies() -> None:
    calls, proof = tear_down(Target(leftover("kept")), keep_data=True)
    assert calls == [{"volume", "stack"}]
    assert proof.kept == [leftover("kept")]


def test_where_nothing_is_retained_everything_is_destroyed() -> None:
    servers = StackState(exists=True, resources=RESOURCES[:1])
    assert tear_down(Target(), servers, keep_data=True)[0] == ["everything"]


def test_a_stack_that_does_not_exist_is_cleaned_up_all_the_same() -> None:
    target = Target()
    assert tear_down(target, StackState(exists=False), keep_data=False)[0] == []
    assert target.calls == ["clean up, keep_data=False", "leftovers"]


@pytest.mark.parametrize("verdict", ["present", "unknown"])
def test_what_is_left_or_could_not_be_looked_for_fails_the_proof(verdict: str) -> None:
    with pytest.raises(LeftoversFound, match=f"{verdict}: volume data 10 GB") as caught:
        tear_down(Target(leftover("kept"), leftover(verdict)), keep_data=True)
    assert caught.value.leftovers == (leftover(verdict),)


def test_what_is_pending_does_not() -> None:
    assert tear_down(Target(leftover("pending")), keep_data=False)[1].kept == [leftover("pending")]


def test_without_secrets_the_state_is_forgotten_after_the_proof() -> None:
    target = Target()
    calls, _ = tear_down(target, replace(STATE, has_secrets=False), keep_data=False)
    assert target.calls == ["clean up, keep_data=False", "leftovers"]
    assert calls == ["forget"]


def test_without_secrets_the_state_stays_while_anything_is_left() -> None:
    engine, target = RecordingEngine(), Target(leftover("present"))
    state = replace(STATE, has_secrets=False)
    with pytest.raises(LeftoversFound):
        teardown.tear_down(engine, target, state, lambda _event: None, keep_data=False)
    assert engine.calls == []
