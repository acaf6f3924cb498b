"""Orphans are told from recorded resources, and removed unless data would be lost."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.targets.shared import recovery
from pilothouse.targets.shared.resource_table import FoundResource, RecordedState
from tests.unit.targets.shared.fake_account import TABLE, FakeAccount

NETWORK: dict[str, Any] = {"type": "fake:network", "urn": "urn:n", "id": "n-1"}


def remove(
    account: FakeAccount, begun: Collection[str] | None, recorded: RecordedState = ()
) -> list[str]:
    return recovery.remove_orphans(account, TABLE, begun, recorded, clock=account.time.clock)


@pytest.mark.parametrize("begun", [["fake:machine"], None])
def test_an_orphan_is_removed_and_named(account: FakeAccount, begun: list[str] | None) -> None:
    account.add("machine", FoundResource(id="m-1", name="worker"))
    assert remove(account, begun) == ["machine worker (m-1)"]
    assert account.deleted == ["m-1"]


def test_a_recorded_resource_stays(account: FakeAccount) -> None:
    account.add("network", "n-1")
    assert remove(account, None, [NETWORK]) == []


def test_a_resource_that_is_recorded_by_its_full_name_stays(account: FakeAccount) -> None:
    account.add("machine", FoundResource(id="m-1", name="m-1", full_name="https://m-1"))
    state = [{"type": "fake:machine", "urn": "u", "id": "x", "outputs": {"link": "https://m-1"}}]
    assert remove(account, None, state) == []


def test_the_id_of_another_type_is_no_record(account: FakeAccount) -> None:
    account.add("store", "n-1")
    assert remove(account, None, [NETWORK]) == ["store n-1"]


def test_of_two_alike_the_one_that_is_not_recorded_is_removed(account: FakeAccount) -> None:
    """As after a killed replacement: the old one is recorded, the new one is not."""
    account.add("network", "n-1", "n-2")
    assert remove(account, ["fake:network"], [NETWORK]) == ["network n-2"]


def test_types_that_were_not_begun_are_not_looked_for(account: FakeAccount) -> None:
    account.unlistable = {"network"}
    account.add("machine", "m-1")
    assert remove(account, ["fake:store"]) == []
    assert account.deleted == []


def test_what_services_create_is_no_orphan(account: FakeAccount) -> None:
    account.add("trace", "t-1")
    account.add("machine", FoundResource(id="m-1", name="m-1", is_inside=True))
    account.add("key", FoundResource(id="k", name="k", scheduled_deletion="2026-12-01"))
    assert remove(account, None) == []


def test_a_child_is_removed_from_a_recorded_parent_and_no_other(account: FakeAccount) -> None:
    for number in (1, 2):
        rule = FoundResource(id=f"r-{number}", name="r", attributes={"network": f"n-{number}"})
        account.add("rule", rule)
    assert remove(account, ["fake:rule"], [NETWORK]) == ["rule r (r-1)"]
    recorded = {"type": "fake:rule", "urn": "urn:r", "id": "r-1"}
    account.deleted.clear()
    assert remove(account, None, [NETWORK, recorded]) == []


def test_children_are_removed_before_what_they_are_in(account: FakeAccount) -> None:
    account.add("network", "n-2")
    account.add("rule", FoundResource(id="r-1", name="r", attributes={"network": "n-1"}))
    remove(account, None, [NETWORK])
    assert account.deleted == ["r-1", "n-2"]


def test_orphans_that_hold_data_are_refused_and_nothing_is_removed(account: FakeAccount) -> None:
    account.add("machine", "m-1")
    account.add("store", FoundResource(id="s-1", name="data", attributes={"data": "objects"}))
    with pytest.raises(PilothouseError, match="holds objects") as caught:
        remove(account, None)
    assert "pulumi import fake:store NAME s-1" in str(caught.value)
    assert account.deleted == []


def test_a_type_that_cannot_be_listed_is_an_error_and_nothing_is_removed(
    account: FakeAccount,
) -> None:
    account.unlistable = {"network"}
    account.add("machine", "m-1")
    with pytest.raises(PilothouseError, match="may have created a network") as caught:
        remove(account, None)
    assert "cannot list network" in str(caught.value)
    assert account.deleted == []


def test_an_orphan_that_is_not_deleted_is_an_error_that_says_why(account: FakeAccount) -> None:
    account.add("network", "n-1")
    account.refusals["n-1"] = 10**4 * ["in use"]
    with pytest.raises(PilothouseError, match="network n-1: in use"):
        remove(account, None)
