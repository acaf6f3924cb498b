"""The cluster for its own tests."""

from testkit.cluster.fixtures import cluster

__all__ = ["cluster"]
