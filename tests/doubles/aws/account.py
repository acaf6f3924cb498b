"""The made-up account: emptied, and asked for what is in it."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend
from moto.moto_api._internal.models import moto_api_backend

NUMBER = "123456789012"
"""moto's own, unless a server is told another one by MOTO_ACCOUNT_ID."""


def reset() -> None:
    """Empty every service."""
    moto_api_backend.reset()


def backend(service: str, region: str, number: str = NUMBER) -> Any:
    """What a service holds, as moto keeps it; services of no region have the region `aws`."""
    return get_backend(service)[number][region]  # type: ignore[call-overload]
