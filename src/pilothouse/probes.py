"""Whether a service really answers: the probes that the contract names."""

import socket
from collections.abc import Callable, Mapping

import httpx

from pilothouse.contract import Probe

TIMEOUT = 10.0  # seconds, for one probe


def complaint(probe: Probe) -> str:
    """Why the service behind `probe` can't be said to answer; "" if it does."""
    try:
        return _KINDS[probe.kind](probe)
    except (OSError, ValueError, httpx.HTTPError) as error:
        return f"{probe.address} does not answer: {error or type(error).__name__}"


def _http(probe: Probe) -> str:
    reply = httpx.get(probe.address, timeout=TIMEOUT, trust_env=False)
    return "" if reply.is_success else f"{probe.address} answers {reply.status_code}"


def _airflow(probe: Probe) -> str:
    reply = httpx.get(probe.address, timeout=TIMEOUT, trust_env=False)
    if not reply.is_success:
        return f"{probe.address} answers {reply.status_code}"
    component = probe.service.removeprefix("airflow-").replace("-", "_")
    health = reply.json().get(component, {})
    if health.get("status") == "healthy":
        return ""
    heartbeat = health.get(f"latest_{component}_heartbeat")
    return f"{component} is {health.get('status')}, last heard of {heartbeat}"


_SSL_REQUEST = bytes.fromhex("0000000804d2162f")  # PostgreSQL protocol, message SSLRequest


def _postgres(probe: Probe) -> str:
    host, _, port = probe.address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT) as connection:
        connection.sendall(_SSL_REQUEST)
        answer = connection.recv(1)
    return "" if answer in (b"S", b"N") else f"{probe.address} does not speak PostgreSQL"


_KINDS: Mapping[str, Callable[[Probe], str]] = {
    "http": _http,
    "airflow": _airflow,
    "postgres": _postgres,
}
