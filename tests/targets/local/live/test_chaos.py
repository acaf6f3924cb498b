"""A command that is killed at any moment is run again and converges."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from testkit.cluster.cluster import Cluster
from testkit.cluster.fixtures import cluster as cluster  # noqa: PLC0414 - a fixture

from tests.targets.kubernetes.live.chaos import cluster_scene
from tests.targets.local.live.chaos import Scene, local_scene, round_of_kills

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]


def converges(scene: Callable[[], AbstractContextManager[Scene]]) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - to repeat it
    with scene() as made:
        round_of_kills(made, random.Random(seed))  # noqa: S311 - no secret


@pytest.mark.parametrize("number", range(2))
def test_a_killed_up_and_a_killed_down_converge_when_run_again(number: int) -> None:
    converges(local_scene)


@pytest.mark.parametrize("number", range(2))
def test_so_do_they_on_a_cluster(cluster: Cluster, number: int) -> None:
    converges(lambda: cluster_scene(cluster.kubeconfig))
