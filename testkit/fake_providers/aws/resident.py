"""The provider in this process, for many runs of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from testkit.fake_providers.aws.faults import Control
from testkit.fake_providers.aws.servicer import Provider
from testkit.fake_providers.core import serving
from testkit.fake_providers.core.host import Host

DEBUG = "PULUMI_DEBUG_PROVIDERS"
"""The engine's variable with the ports of providers that run already."""


@contextmanager
def resident(control: Path | None, endpoint: str, credentials: Mapping[str, str]) -> Iterator[str]:
    """Serve providers of an endpoint until the end; what the engine's variable has to be."""
    planted = Control(control)
    provider = Provider(Host(None), planted, endpoint, credentials)
    server, port = serving.started(provider)
    try:
        yield f"aws:{port}"
    finally:
        provider.cancelled.set()
        planted.released.set()
        server.stop(1).wait()
