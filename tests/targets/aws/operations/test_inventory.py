"""What of a stack an account has is found, by name, by tags, by where it lies."""

from __future__ import annotations

import pytest

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import KINDS
from pilothouse.targets.aws.resources.kinds import Found
from tests.targets.aws import planting

BY_NAME = {kind.name: kind for kind in KINDS}


def found(account: Account, kind: str) -> list[Found]:
    return list(BY_NAME[kind].find(account))


@pytest.mark.parametrize("kind", planting.PLANTS)
def test_each_kind_is_found_by_its_id_and_another_stack_has_none(
    account: Account, account_of_other: Account, kind: str
) -> None:
    made = planting.PLANTS[kind](account)
    assert [each.id for each in found(account, kind)] == [made]
    assert found(account_of_other, kind) == []


def test_every_kind_that_the_engine_makes_has_a_type_and_none_has_two_kinds() -> None:
    types = [kind for each in KINDS for kind in each.types]
    assert len(types) == len(set(types))
    assert len(BY_NAME) == len(KINDS)
