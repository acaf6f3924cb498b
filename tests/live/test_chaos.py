"""A command that is killed at any moment is run again and converges."""

import random

import pytest

from tests.live.chaos import round_of_kills
from tests.support.stacks import local_stack

pytestmark = pytest.mark.live


@pytest.mark.parametrize("number", range(2))
def test_a_killed_up_and_a_killed_down_converge_when_run_again(number: int) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - to repeat it
    with local_stack() as stack:
        round_of_kills(stack, random.Random(seed))  # noqa: S311 - no secret
