"""One platform on the test cluster for all tests that can share it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from testkit.cluster.fixtures import cluster
from testkit.support.clusters import ClusterStack, cluster_stack

from tests.targets.kubernetes.live.platform import (
    IMPATIENCE,
    VOLUMES,
    Failure,
    change_image,
    failing_up,
    storage_class,
)

if TYPE_CHECKING:
    from testkit.cluster.cluster import Cluster

__all__ = ["cluster"]


@pytest.fixture(scope="session")
def empty(cluster: Cluster) -> Iterator[ClusterStack]:
    """A stack that is not up yet. Nothing of it may be left at the end."""
    with cluster_stack(cluster.kubeconfig, "pilot") as made:
        change_image(made, IMPATIENCE)
        yield made
        made.stack.run("down", "--yes")
        assert made.traces() == []


@pytest.fixture(scope="session")
def hindered(empty: ClusterStack) -> Iterator[Failure]:
    """What `up` says while nobody makes its volumes. After that somebody does."""
    empty.storage.create_storage_class(storage_class("nobody", "Immediate"))
    try:
        yield failing_up(empty)
    finally:
        empty.storage.delete_storage_class(VOLUMES)


@pytest.fixture(scope="session")
def platform(empty: ClusterStack, hindered: Failure) -> ClusterStack:
    """A platform that is up, after an `up` that failed; a test that hurts it heals it."""
    empty.storage.delete_storage_class(VOLUMES)
    empty.storage.create_storage_class(storage_class("hostpath", "WaitForFirstConsumer"))
    change_image(empty)
    empty.stack.run("up")
    return empty
