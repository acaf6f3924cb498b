"""Fixtures of the provider double: the cluster, and stacks of a few objects on it."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.doubles.stacks import Stack, stack_in

if importlib.util.find_spec("tests.cluster.fixtures"):
    cluster = importlib.import_module("tests.cluster.fixtures").cluster
else:

    @dataclass(frozen=True)
    class NamedCluster:
        """A cluster that somebody else keeps up."""

        kubeconfig: Path

    @pytest.fixture(scope="session")
    def cluster() -> NamedCluster:
        """The cluster of PILOTHOUSE_TEST_KUBECONFIG."""
        path = os.environ.get("PILOTHOUSE_TEST_KUBECONFIG")
        if not path:
            pytest.skip("no cluster: PILOTHOUSE_TEST_KUBECONFIG is not set")
        return NamedCluster(Path(path))


@pytest.fixture
def make_stack(
    tmp_path: Path, cluster: object, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Stack]]:
    """Make stacks in a namespace of the test's own; afterwards nothing of them may be left."""
    made: list[Stack] = []

    def make(**settings: object) -> Stack:
        kubeconfig = Path(str(cluster.kubeconfig))  # type: ignore[attr-defined]
        made.append(stack_in(tmp_path / str(len(made)), kubeconfig, settings))
        return made[-1]

    yield make
    left = [trace for stack in made for trace in stack.remove()]
    assert not left, f"left behind: {left}"


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """A stack with the provider's defaults."""
    return make_stack()
