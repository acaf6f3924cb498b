"""One account a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.aws import services


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """Where AWS's services answer."""
    with services() as address:
        yield address
