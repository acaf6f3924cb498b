"""A stack on the toy target."""

from collections.abc import Iterator

import pytest
from testkit.support.stacks import end_all, project_folder

from tests.targets.toy.toy_stack import ToyStack


@pytest.fixture
def stack() -> Iterator[ToyStack]:
    with project_folder() as project:
        made = ToyStack(project, "pilot", 0)
        made.set_target()
        yield made
        end_all(made)
