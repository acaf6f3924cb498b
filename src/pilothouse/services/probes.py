"""Whether an open-source service answers: the kinds of probes that every target may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pilothouse.services import postgres

if TYPE_CHECKING:
    import httpx

    from pilothouse.contract import Probe

TIMEOUT = 15.0  # seconds, for one probe; Airflow's first answer can take 5


def find_failure(probe: Probe) -> str:
    """Why the service behind `probe` does not answer as it should; "" if it does.

    Raises KeyError for a kind that is not in KINDS.
    """
    import httpx

    try:
        return KINDS[probe.kind](probe)
    except (OSError, ValueError, httpx.HTTPError) as error:
        return f"{probe.address} does not answer: {error or type(error).__name__}"


def host_of(address: str) -> str:
    """The host of a probe's address, which is a URL or host:port."""
    return urlsplit(address if "://" in address else f"//{address}").hostname or address


def _probe_http(probe: Probe) -> str:
    reply = _client().get(probe.address)
    return "" if reply.is_success else f"{probe.address} answers {reply.status_code}"


def _probe_airflow(probe: Probe) -> str:
    reply = _client().get(probe.address)
    if not reply.is_success:
        return f"{probe.address} answers {reply.status_code}"
    component = probe.service.removeprefix("airflow-").replace("-", "_")
    health = reply.json().get(component, {})
    if health.get("status") == "healthy":
        return ""
    heartbeat = health.get(f"latest_{component}_heartbeat")
    return f"{component} is {health.get('status')}, its last heartbeat was at {heartbeat}"


def _probe_postgres(probe: Probe) -> str:
    return postgres.find_failure(probe.address, timeout=TIMEOUT)


@cache
def _client() -> httpx.Client:
    """One for all probes: making one reads every authority's certificate, 20 ms of CPU."""
    import httpx

    return httpx.Client(timeout=TIMEOUT, trust_env=False)


KINDS: Mapping[str, Callable[[Probe], str]] = {
    "http": _probe_http,
    "airflow": _probe_airflow,
    "postgres": _probe_postgres,
}
"""How a service of each kind is probed."""
