"""A sweep deletes in rounds until nothing is left, or until no further round can help."""

from __future__ import annotations

from collections.abc import Sequence

from pilothouse.targets.shared.cleanup import LONGEST, PATIENCE, STALLED, Sweep
from pilothouse.targets.shared.resource_table import FoundResource
from tests.unit.targets.shared.fake_account import Fake, FakeAccount, declare, types


def sweep_of(account: FakeAccount, declared: Sequence[Fake]) -> Sweep[FakeAccount]:
    return Sweep(account, declared, lambda _declared, _found: True, clock=account.time.clock)


def run(account: FakeAccount, *names: str) -> Sweep[FakeAccount]:
    sweep = sweep_of(account, types(*names))
    sweep.run()
    return sweep


def test_an_empty_account_takes_one_round_and_no_pause(account: FakeAccount) -> None:
    sweep = run(account, "machine")
    assert (list(sweep.removed), list(sweep.remaining)) == ([], [])
    assert account.time.pauses == []


def test_resources_are_deleted_in_the_order_of_their_types(account: FakeAccount) -> None:
    account.add("network", "n-1")
    account.add("machine", "m-1", "m-2")
    sweep = run(account, "machine", "network")
    assert account.deleted == ["m-1", "m-2", "n-1"]
    assert [str(attempt) for attempt in sweep.removed] == ["machine m-1", "machine m-2",
                                                           "network n-1"]  # fmt: skip


def test_what_is_accepted_and_gone_takes_no_pause(account: FakeAccount) -> None:
    account.add("machine", "m-1")
    run(account, "machine")
    assert account.time.pauses == []


def test_what_is_not_wanted_is_never_touched(account: FakeAccount) -> None:
    account.add("machine", "mine", "theirs")
    Sweep(
        account,
        types("machine"),
        lambda _declared, found: found.id == "mine",
        clock=account.time.clock,
    ).run()
    assert account.deleted == ["mine"]


def test_what_is_scheduled_for_deletion_is_left_alone(account: FakeAccount) -> None:
    account.add("key", FoundResource(id="k", name="k", scheduled_deletion="2026-12-01"))
    assert list(run(account, "key").remaining) == []
    assert account.deleted == []


def test_a_refused_deletion_is_tried_again_at_longer_intervals(account: FakeAccount) -> None:
    account.add("network", "n-1")
    account.refusals["n-1"] = 7 * ["in use"]
    sweep = run(account, "network")
    assert account.time.pauses == [1, 2, 4, 8, 16, LONGEST, LONGEST]
    assert [str(attempt) for attempt in sweep.removed] == ["network n-1"]


def test_a_change_makes_the_next_pause_short_again(account: FakeAccount) -> None:
    account.add("network", "n-1", "n-2")
    account.refusals |= {"n-1": 3 * ["in use"], "n-2": 5 * ["in use"]}
    run(account, "network")
    assert account.time.pauses == [1, 2, 4, 8, 1]


def test_a_refusal_that_never_ends_is_given_up_with_its_reason(account: FakeAccount) -> None:
    account.add("network", "n-1")
    account.refusals["n-1"] = 10**4 * ["in use"]
    sweep = run(account, "network")
    (left,) = sweep.remaining
    assert (left.is_accepted, left.reason) == (False, "in use")
    assert STALLED < account.time.seconds <= STALLED + LONGEST
    assert list(sweep.removed) == []


def test_a_denied_deletion_is_given_up_at_once(account: FakeAccount) -> None:
    account.add("network", "n-1")
    account.refusals["n-1"] = 10 * ["denied"]
    (left,) = run(account, "network").remaining
    assert left.is_denied
    assert account.time.pauses == []
    assert len(account.refusals["n-1"]) == 9


def test_a_denied_deletion_does_not_end_the_others(account: FakeAccount) -> None:
    account.add("network", "n-1", "n-2")
    account.refusals |= {"n-1": 10**4 * ["denied"], "n-2": 2 * ["in use"]}
    sweep = run(account, "network")
    assert [str(attempt) for attempt in sweep.removed] == ["network n-2"]


def test_one_round_reports_whether_anything_was_found(account: FakeAccount) -> None:
    account.add("machine", "m-1")
    sweep = sweep_of(account, types("machine"))
    assert sweep.run_round()
    assert not sweep.is_stalled()
    assert not sweep.run_round()


def test_what_is_being_deleted_is_waited_for_and_not_deleted_twice(account: FakeAccount) -> None:
    account.add("machine", "m-1")
    account.add("network", "n-1")
    # A change in the middle keeps the patience up, as the parts of a stack do.
    account.lingering = {"m-1": STALLED + 600, "n-1": STALLED - 100}
    sweep = run(account, "machine", "network")
    assert account.deleted == ["m-1", "n-1"]
    assert [str(attempt) for attempt in sweep.removed] == ["machine m-1", "network n-1"]
    assert list(sweep.remaining) == []


def test_patience_has_an_end_though_something_changes_for_ever(account: FakeAccount) -> None:
    endless = declare(
        "endless",
        find=lambda account: [
            FoundResource(id=str(account.time.seconds), name="x", is_deleting=True)
        ],
    )
    sweep = sweep_of(account, [endless])
    sweep.run()
    assert len(sweep.remaining) == 1
    assert PATIENCE < account.time.seconds <= PATIENCE + LONGEST


def test_what_is_created_again_meanwhile_is_deleted_again(account: FakeAccount) -> None:
    account.add("trace", "t-1")
    account.add("network", "n-1")
    account.refusals["n-1"] = 2 * ["in use"]
    created = iter(["t-2", "t-3"])
    account.time.meanwhile = lambda: account.add("trace", next(created))
    run(account, "trace", "network")
    assert account.deleted == ["t-1", "t-2", "t-3", "n-1"]


def test_a_type_that_cannot_be_listed_is_passed_over(account: FakeAccount) -> None:
    account.unlistable = {"machine"}
    account.add("machine", "m-1")
    account.add("network", "n-1")
    assert list(run(account, "machine", "network").remaining) == []
    assert account.deleted == ["n-1"]
