"""The operations of a target: every target passes."""

from pathlib import Path
from typing import ClassVar

import pytest

from pilothouse import targets
from pilothouse.targets.interface import Operations
from tests.targets.suite import platforms


class OperationsSuite:
    """What can be asked of a stack on `target`, and done to it."""

    target: ClassVar[str]

    @pytest.fixture
    def operations(self, tmp_path: Path) -> Operations:
        example = next(file for file, target in platforms.CARRIED if target == self.target)
        plan = platforms.plan_of(platforms.project_of(example, tmp_path / "project"), self.target)
        made: Operations = targets.load(self.target, "operations")(plan)
        return made

    def test_they_are_operations_of_a_plan(self, operations: Operations) -> None:
        assert isinstance(operations, Operations)
        assert operations.plan.target == self.target

    def test_a_teardown_looks_for_something(self, operations: Operations) -> None:
        assert operations.leftover_kinds
        assert len(set(operations.leftover_kinds)) == len(operations.leftover_kinds)
