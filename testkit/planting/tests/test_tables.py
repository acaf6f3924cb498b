"""Every planted mistake still has its place."""

import pytest

from testkit.planting.__main__ import TARGETS, suite_of
from testkit.planting.mistakes import REPOSITORY, AnyMistake

MISTAKES = [
    pytest.param(mistake, id=f"{target}: {mistake.name}")
    for target in TARGETS
    for mistake in suite_of(target).mistakes
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_can_be_planted(mistake: AnyMistake) -> None:
    path = mistake.file(REPOSITORY)
    before = path.read_text(encoding="utf-8")
    after = mistake.apply(before)
    assert after != before
    if path.suffix == ".py":
        compile(after, path, "exec")


@pytest.mark.parametrize("target", TARGETS)
def test_there_are_many_of_them_and_no_two_have_one_name(target: str) -> None:
    mistakes = suite_of(target).mistakes
    assert len({mistake.name for mistake in mistakes}) == len(mistakes) >= 25


def test_the_targets_with_a_table_are_found() -> None:
    assert {"aws", "kubernetes"} <= set(TARGETS)
