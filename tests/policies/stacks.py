"""The stacks that the policies are held against: every example that Kubernetes can carry."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pilothouse.targets.kubernetes import images
from tests.graph import platforms
from tests.graph.recorder import Recording
from tests.policies.manifests import Manifests, manifests_of

EXAMPLES = [example for example, target in platforms.CARRIED if target == "kubernetes"]
DIGEST = f"@sha256:{'0123456789abcdef' * 4}"
SETTINGS: dict[str, Any] = {
    **platforms.SETTINGS.get("kubernetes", {}),
    "images": {role: f"{reference}{DIGEST}" for role, reference in images.published().items()},
}
"""A user who has resolved every tag."""

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=[e.stem for e in EXAMPLES])


@cache
def graph_of(example: Path) -> Recording:
    """What the program asks for."""
    with tempfile.TemporaryDirectory() as folder:
        project = platforms.project_of(example, Path(folder))
        return platforms.recorded(project, "kubernetes", stack="kubernetes", settings=SETTINGS)


@cache
def stack_of(example: Path) -> Manifests:
    """The objects of an example's stack."""
    return manifests_of(graph_of(example))


def smallest() -> Manifests:
    """The stack in which faults are planted."""
    return stack_of(platforms.ROOT / "examples/minimal.yaml")
