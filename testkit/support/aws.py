"""AWS's services in memory, on a port of this machine, with an account that is empty at first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from testkit.fake_providers.aws.server import serving

REGION = "eu-west-1"


@contextmanager
def services() -> Iterator[str]:
    """The address; botocore finds it, and somebody's credentials, in the environment."""
    with serving() as address, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": REGION,
        }.items():
            patch.setenv(name, value)
        yield address
