"""Packages from the index, which nobody wrote for this, run as a team's own package does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from testkit.support.stacks import ENVIRONMENTS, MINIMAL, Stack, local_stack

from tests.e2e.public_packages import PACKAGES, Public

pytestmark = [pytest.mark.live, pytest.mark.long]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack whose platform.yaml each test writes; the environments of packages go too."""
    before = set(ENVIRONMENTS.glob("team-*"))
    with local_stack() as made:
        yield made
        made.run("down", "--yes")
        assert made.traces() == []
        for path in set(ENVIRONMENTS.glob("team-*")) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize("public", PACKAGES.values(), ids=PACKAGES)
def test_a_package_of_the_index_runs_as_it_is(stack: Stack, public: Public) -> None:
    (stack.project / "platform.yaml").write_text(MINIMAL + public.workload)
    stack.run("up")
    said = stack.run("run", "--follow")
    assert public.says in said
