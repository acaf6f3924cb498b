"""An empty account in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse import plan
from pilothouse.config import platform_spec
from tests.unit.targets.shared.fake_account import FakeAccount

ROOT = Path(__file__).parents[4]


@pytest.fixture
def account() -> FakeAccount:
    """The account of a stack, empty."""
    return FakeAccount(
        plan.make(
            platform_spec.load(ROOT / "examples/minimal.yaml", today=None),
            stack="pilot",
            target="fake",
            settings=None,
            project=ROOT,
        )
    )
