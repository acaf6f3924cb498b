"""The order of a teardown: for every example and option, and each pair sees its own absence."""

from fnmatch import fnmatchcase

from tests.targets.aws.policies import order
from tests.targets.aws.policies.planting import forgotten
from tests.targets.aws.policies.stacks import CASES, every_stack, stack_of


@every_stack
def test_what_needs_it_goes_first(case: str) -> None:
    assert list(order.what_needs_it_goes_first(stack_of(case))) == []


def test_every_line_of_the_table_is_about_something() -> None:
    pairs = [pair for case in CASES for pair in order.pairs(stack_of(case))]
    firsts = {first.label for first, _ in pairs}
    for pattern in order.GOES_BEFORE:
        assert any(fnmatchcase(label, pattern) for label in firsts), pattern
    assert len({(first.label, needed.label) for first, needed in pairs}) > 150


@every_stack
def test_every_forgotten_dependency_is_seen(case: str) -> None:
    """Nothing waits for a resource: each pair that ends with it is said to be out of order."""
    pairs = list(order.pairs(stack_of(case)))
    assert len(pairs) > 40
    for label in sorted({needed.label for _, needed in pairs}):
        found = set(order.what_needs_it_goes_first(forgotten(label, case).planted()))
        firsts = {first.label for first, needed in pairs if needed.label == label}
        assert found >= {f"{first} may outlive {label}" for first in firsts}
