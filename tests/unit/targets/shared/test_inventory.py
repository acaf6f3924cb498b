"""Every resource has one of four verdicts, and a failed list call is one too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pilothouse.targets.interface import Leftover
from pilothouse.targets.shared import inventory
from pilothouse.targets.shared.account import ServiceError
from pilothouse.targets.shared.resource_table import FoundResource
from tests.unit.targets.shared.fake_account import TABLE, FakeAccount, SdkError, declare


def leftovers(account: FakeAccount, *, keep_data: bool = False) -> list[Leftover]:
    return inventory.leftovers(account, TABLE.listed, keep_data=keep_data)


def test_an_empty_account_has_no_leftovers(account: FakeAccount) -> None:
    assert leftovers(account) == []


def test_an_existing_resource_is_present_with_its_status(account: FakeAccount) -> None:
    account.add("machine", FoundResource(id="m-1", name="worker", detail="running"))
    (left,) = leftovers(account)
    assert left == Leftover(
        kind="machine", name="worker (m-1)", verdict="present", detail="running"
    )


def test_a_retained_resource_is_kept_only_with_the_data(account: FakeAccount) -> None:
    name = account.plan.name("data")
    account.add("store", name, "scratch")
    kept = {left.name: left.verdict for left in leftovers(account, keep_data=True)}
    assert kept == {name: "kept", "scratch": "present"}
    assert {left.verdict for left in leftovers(account)} == {"present"}


def test_a_scheduled_deletion_is_pending_with_its_date(account: FakeAccount) -> None:
    account.add("key", FoundResource(id="k", name="k", scheduled_deletion="2026-12-01"))
    (left,) = leftovers(account, keep_data=True)
    assert (left.verdict, left.detail) == ("pending", "its deletion is scheduled for 2026-12-01")


def test_a_type_that_cannot_be_listed_is_unknown_and_hides_no_other(account: FakeAccount) -> None:
    account.unlistable = {"store"}
    account.add("machine", "m-1")
    account.add("network", "n-1")
    found = [(left.kind, left.name, left.verdict) for left in leftovers(account)]
    assert found == [
        ("machine", "m-1", "present"),
        ("store", "(all)", "unknown"),
        ("network", "n-1", "present"),
    ]


def test_what_was_listed_before_a_failure_is_named_too(account: FakeAccount) -> None:
    def list_and_fail(_account: FakeAccount) -> Iterator[FoundResource]:
        yield FoundResource(id="m-1", name="m-1")
        raise SdkError("page 2 is denied")

    found = inventory.leftovers(account, [declare("machine", find=list_and_fail)], keep_data=False)
    assert [(left.name, left.verdict) for left in found] == [
        ("m-1", "present"),
        ("(all)", "unknown"),
    ]


def test_finding_a_type_raises_the_neutral_error(account: FakeAccount) -> None:
    account.unlistable = {"store"}
    with pytest.raises(ServiceError, match="cannot list store"):
        inventory.find(account, TABLE.named("store"))


def test_settings_and_children_are_not_listed_by_themselves(account: FakeAccount) -> None:
    account.add("rule", FoundResource(id="r", name="r", attributes={"network": "n"}))
    assert inventory.find(account, TABLE.named("store policy")) == []
    assert inventory.find(account, TABLE.named("rule")) == []
