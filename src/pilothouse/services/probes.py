"""Whether a service really answers: the probes that the contract names."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from pilothouse.contract import Probe
from pilothouse.targets.aws.clients import api, managed

if TYPE_CHECKING:
    import httpx

TIMEOUT = 15.0  # seconds, for one probe; Airflow's first answer can take 5


def complaint(probe: Probe) -> str:
    """Why the service behind `probe` can't be said to answer; "" if it does."""
    import httpx

    try:
        return _KINDS[probe.kind](probe)
    except api.AwsError as error:
        return str(error)
    except (OSError, ValueError, httpx.HTTPError) as error:
        return f"{probe.address} does not answer: {error or type(error).__name__}"


def _http(probe: Probe) -> str:
    reply = _client().get(probe.address)
    return "" if reply.is_success else f"{probe.address} answers {reply.status_code}"


def _airflow(probe: Probe) -> str:
    reply = _client().get(probe.address)
    if not reply.is_success:
        return f"{probe.address} answers {reply.status_code}"
    component = probe.service.removeprefix("airflow-").replace("-", "_")
    health = reply.json().get(component, {})
    if health.get("status") == "healthy":
        return ""
    heartbeat = health.get(f"latest_{component}_heartbeat")
    return f"{component} is {health.get('status')}, last heard of {heartbeat}"


def _postgres(probe: Probe) -> str:
    host, _, port = probe.address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT) as connection:
        connection.sendall(_startup_message())
        answer = connection.recv(1024)
    if answer[:1] not in (b"R", b"E"):
        return f"{probe.address} does not speak PostgreSQL"
    return f"{probe.address} is still starting up" if b"C57P03\0" in answer else ""


def _startup_message() -> bytes:
    """A StartupMessage of PostgreSQL's protocol 3.0, for a user who need not exist."""
    body = (196608).to_bytes(4, "big") + b"user\0postgres\0database\0postgres\0\0"
    return (len(body) + 4).to_bytes(4, "big") + body


def _s3(probe: Probe) -> str:
    region, _, bucket = probe.address.removeprefix("s3://").partition("/")
    with api.calling():
        api.client("s3", region).head_bucket(Bucket=bucket)
    return ""


def _managed(probe: Probe) -> str:
    found = managed.described(probe.address)
    return "" if found.state == "running" else str(found)


@cache
def _client() -> httpx.Client:
    """One for all probes: making one reads every authority's certificate, 20 ms of CPU."""
    import httpx

    return httpx.Client(timeout=TIMEOUT, trust_env=False)


_KINDS: Mapping[str, Callable[[Probe], str]] = {
    "http": _http,
    "airflow": _airflow,
    "postgres": _postgres,
    "s3": _s3,
    "mwaa": _managed,
    "sagemaker-mlflow": _managed,
    "sagemaker-pipeline": _managed,
}
