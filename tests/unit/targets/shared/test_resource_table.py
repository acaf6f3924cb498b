"""Declarations are refused where they contradict, and answer what is retained and known."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.targets.shared.resource_table import FoundResource, ResourceTable, ResourceType
from tests.unit.targets.shared.fake_account import TABLE, FakeAccount, declare


def resource(token: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": token, "urn": f"urn:pulumi:pilot::p::{token}::{name}", **more}


def test_types_are_looked_up_by_name_and_by_pulumis_type() -> None:
    assert TABLE.named("store") is TABLE.of_type("fake:store")
    with pytest.raises(KeyError):
        TABLE.of_type("fake:unheard")
    assert {"fake:store", "fake:policy", "fake:rule"} < TABLE.types
    assert "" not in TABLE.types


def test_listed_types_children_and_settings_are_told_apart() -> None:
    listed = {declared.name for declared in TABLE.listed}
    assert listed == {"machine", "store", "identity", "network", "key", "trace"}
    assert [declared.name for declared in TABLE.children] == ["rule"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"find": lambda _: [], "setting_of": "fake:store"},
     {"find": lambda _: [], "find_children": lambda _account, _state: []}],
)  # fmt: skip
def test_a_declaration_that_is_not_exactly_one_of_the_three_is_refused(
    fields: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match="'broken' must have one of"):
        ResourceType(name="broken", **fields)


def test_a_name_or_a_type_that_is_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice: store"):
        ResourceTable([declare("store"), declare("store", type="fake:other")])
    with pytest.raises(ValueError, match="declared twice: fake:store"):
        ResourceTable([declare("store"), declare("other", type="fake:store")])


def test_a_setting_cannot_be_deleted_by_itself(account: FakeAccount) -> None:
    with pytest.raises(NotImplementedError, match="with what it configures"):
        TABLE.named("store policy").delete(account, FoundResource(id="p", name="p"))


@pytest.mark.parametrize(
    ("token", "name", "is_retained"),
    [
        ("fake:store", "data", True),
        ("fake:store", "data-old", True),
        ("fake:store", "database", False),
        ("fake:store", "scratch", False),
        ("fake:policy", "data", True),
        ("fake:policy", "scratch", False),
        ("fake:key", "anything", True),
        ("fake:machine", "data", False),
        ("fake:identity", "reader", False),
        ("fake:unheard", "data", False),
    ],
)
def test_what_the_state_retains_with_the_data(token: str, name: str, is_retained: bool) -> None:
    assert TABLE.is_retained(resource(token, name)) == is_retained


@pytest.mark.parametrize(
    ("type_name", "role", "is_retained"),
    [("store", "data", True), ("store", "scratch", False), ("identity", "reader", True),
     ("identity", "writer", False), ("key", "whatever", True), ("machine", "data", False)],
)  # fmt: skip
def test_what_the_inventory_calls_retained(
    account: FakeAccount, type_name: str, role: str, is_retained: bool
) -> None:
    name = account.plan.name(role)
    declared = TABLE.named(type_name)
    assert declared.is_retained(account, FoundResource(id="1", name=name)) == is_retained


def test_the_state_knows_resources_by_id_and_by_identifying_outputs() -> None:
    state = [
        resource("fake:store", "data", id="s-1", outputs={"link": "https://s-1", "size": "3"}),
        resource("fake:policy", "data", id="s-2"),
    ]
    assert TABLE.known_ids(state, "fake:store") == {"s-1", "https://s-1"}
    assert TABLE.known_ids([], "fake:store") == frozenset()


def test_a_resource_is_shown_by_its_name_and_its_id_once() -> None:
    assert str(FoundResource(id="data", name="data")) == "data"
    assert str(FoundResource(id="i-1", name="data")) == "data (i-1)"
