"""A part that a target lacks is refused with the targets that have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.errors import Refused
from pilothouse.lifecycle.optional_parts import load_part
from tests.unit.lifecycle.still_stack import still_stack


def test_a_part_that_the_target_has_is_loaded(tmp_path: Path) -> None:
    plan = still_stack(tmp_path).plan
    assert load_part(plan, "operations", lacking="has none").__name__ == "LocalOperations"


def test_a_part_that_it_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        load_part(still_stack(tmp_path).plan, "renderer", lacking="has nothing to render")
    assert str(caught.value) == (
        "stack local is on target local, which has nothing to render: name a stack on kubernetes"
    )
