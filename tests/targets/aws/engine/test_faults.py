"""A call of the provider that fails, or whose answer is lost, costs a second run and no more."""

import random
from pathlib import Path

import pytest

from tests.targets.aws import faults

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


def test_runs_after_faults_of_every_kind_converge_and_a_teardown_leaves_nothing(
    tmp_path: Path, chance: random.Random
) -> None:
    points = faults.enumerated(tmp_path)
    wanted = faults.sample(points, chance)
    score = faults.work_off(wanted)
    print(score.table())  # noqa: T201 - what was planted
    assert score.complaints == []
    assert score.missed == []
    assert score.unknown(points) == set()
