"""Fixtures of the provider double: the cluster, and stacks of a few objects on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testkit.cluster.fixtures import cluster
from testkit.fake_providers.core.stacks import Stack, stack_in

if TYPE_CHECKING:
    from testkit.cluster.cluster import Cluster

__all__ = ["cluster"]


@pytest.fixture
def plugin_path() -> str | None:
    """Where the stacks' plugin is looked for; see `plugin.project_plugins`."""
    return ""


@pytest.fixture
def make_stack(
    tmp_path: Path, cluster: Cluster, plugin_path: str | None
) -> Iterator[Callable[..., Stack]]:
    """Make stacks in a namespace of the test's own; afterwards nothing of them may be left."""
    made: list[Stack] = []

    def make(**settings: object) -> Stack:
        folder = tmp_path / str(len(made))
        made.append(stack_in(folder, cluster.kubeconfig, settings, plugin_path))
        return made[-1]

    yield make
    left = [trace for stack in made for trace in stack.remove()]
    assert not left, f"left behind: {left}"


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """A stack with the provider's defaults."""
    return make_stack()
