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

ROUNDS = pytest.mark.parametrize("number", [0, pytest.param(1, marks=pytest.mark.long)])


def converges(make: Callable[[], AbstractContextManager[Scene]], chance: random.Random) -> None:
    with make() as scene:
        round_of_kills(scene, chance)


@ROUNDS
def test_a_killed_up_and_a_killed_down_converge_when_run_again(
    number: int, chance: random.Random
) -> None:
    converges(local_scene, chance)


@pytest.mark.long
@ROUNDS
def test_so_do_they_on_a_cluster(cluster: Cluster, number: int, chance: random.Random) -> None:
    converges(lambda: cluster_scene(cluster.kubeconfig), chance)
