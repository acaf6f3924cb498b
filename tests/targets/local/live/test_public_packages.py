"""Packages from the index, which nobody wrote for this, run as a team's own package does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testkit.support.stacks import MINIMAL, Stack, local_stack, own_package_environments

from tests.e2e.public_packages import PACKAGES, Public

pytestmark = [pytest.mark.live, pytest.mark.long]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack whose platform.yaml each test writes; the environments of packages go too."""
    with own_package_environments(), local_stack() as made:
        yield made
        made.run("down", "--yes")
        assert made.traces() == []


@pytest.mark.parametrize("public", PACKAGES.values(), ids=PACKAGES)
def test_a_package_of_the_index_runs_as_it_is(stack: Stack, public: Public) -> None:
    (stack.project / "platform.yaml").write_text(MINIMAL + public.workload)
    stack.run("up")
    said = stack.run("run", "--follow")
    assert public.says in said
