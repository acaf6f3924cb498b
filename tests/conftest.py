"""What all tests share: who needs a real Kubernetes, and a seed for what is drawn at random."""

import random

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where the fixture says what a test needs, no author has to say it again."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.cluster)


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Draws of this test's own. A run prints its seed; `--randomly-seed=N` draws the same again.

    Without pytest-randomly the seed is 0.
    """
    seed = request.config.getoption("randomly_seed", 0)
    print(f"to draw the same again: pytest --randomly-seed={seed}")  # noqa: T201
    return seeded(seed, request.node.name)


def seeded(seed: int, name: str) -> random.Random:
    """The draws of one test: others for another seed and for another test."""
    return random.Random(f"{seed} {name}")  # noqa: S311 - no secret
