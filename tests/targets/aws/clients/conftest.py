"""One account a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testkit.support.aws import services


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """Where AWS's services answer."""
    with services() as address:
        yield address


@pytest.fixture(autouse=True)
def credentials() -> None:
    """Those of `aws`, whose address the tests of the rest of the target must not see."""
