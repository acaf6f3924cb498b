"""Marks the tests that need a real Kubernetes: those that ask for the fixture `cluster`."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where the fixture says what a test needs, no author has to say it again."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.cluster)
