"""The cluster for its own tests."""

from tests.cluster.fixtures import cluster

__all__ = ["cluster"]
