"""A command on AWS that is killed at any moment is run again and converges."""

import random

import pytest

from tests.targets.aws.chaos import account_scene
from tests.targets.local.live.chaos import round_of_kills

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.parametrize("number", range(2))
def test_a_killed_up_and_a_killed_down_converge_when_run_again(
    number: int, chance: random.Random
) -> None:
    with account_scene() as scene:
        round_of_kills(scene, chance)
