"""Recorded graphs of the examples, each made once."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording

GraphOf = Callable[..., Recording]
GraphWith = Callable[..., Recording]


@pytest.fixture(scope="session")
def graph_of(tmp_path_factory: pytest.TempPathFactory) -> GraphOf:
    """`graph_of(example, target, preview=False)`; another `run` is recorded anew."""
    folder = tmp_path_factory.mktemp("graphs")

    @cache
    def made(example: Path, target: str, preview: bool, run: int) -> Recording:
        project = platforms.project_of(example, folder / f"{example.stem}-{target}")
        return platforms.recorded(project, target, preview=preview)

    return lambda example, target, preview=False, run=1: made(example, target, preview, run)


@pytest.fixture(scope="module")
def graph_with(tmp_path_factory: pytest.TempPathFactory) -> GraphWith:
    """`graph_with(**settings)`: the smallest platform's graph on a cluster with these.

    Its namespace was made by whoever has these settings.
    """
    example = platforms.ROOT / "examples/minimal.yaml"
    project = platforms.project_of(example, tmp_path_factory.mktemp("settings"))
    return lambda **said: platforms.recorded(
        project, "kubernetes", settings={"namespaceExists": True, **said}
    )


@pytest.fixture(scope="session")
def minimal(graph_of: GraphOf) -> Recording:
    """The smallest platform on this machine."""
    return graph_of(platforms.ROOT / "examples/minimal.yaml", "local")
