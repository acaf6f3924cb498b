"""The order of a teardown: for every example and option, and each pair sees its own absence."""

import pytest

from tests.policies.aws import order
from tests.policies.aws.planting import forgotten
from tests.policies.aws.stacks import CASES, every_stack, stack_of

PAIRED = {
    (first.label, needed.label): (case, needed.label)
    for case in reversed(CASES)
    for first, needed in order.pairs(stack_of(case))
}
NEEDED = sorted(set(PAIRED.values()))


@every_stack
def test_what_needs_it_goes_first(case: str) -> None:
    assert list(order.what_needs_it_goes_first(stack_of(case))) == []


def test_every_line_of_the_table_is_about_something() -> None:
    firsts = {first.label for case in CASES for first, _ in order.pairs(stack_of(case))}
    for pattern in order.GOES_BEFORE:
        assert any(order.fnmatchcase(label, pattern) for label in firsts), pattern
    assert len(PAIRED) > 150


@pytest.mark.parametrize(("case", "label"), NEEDED, ids=[label for _, label in NEEDED])
def test_a_forgotten_dependency_is_seen(case: str, label: str) -> None:
    """Nothing waits for the resource: each pair that ends with it is said to be out of order."""
    found = list(order.what_needs_it_goes_first(forgotten(label, case).planted()))
    wanted = {
        f"{first.label} may outlive {label}"
        for first, needed in order.pairs(stack_of(case))
        if needed.label == label
    }
    assert wanted
    assert wanted <= {*found}
