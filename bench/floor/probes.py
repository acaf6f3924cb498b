"""Whether the services answer, each asked for what only a working one gives."""

import http.client
import json
import socket
import time
import urllib.request
from collections.abc import Callable

from .layout import LOOPBACK, Layout

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
PAUSE = 0.1  # seconds between two looks


def until(ready: Callable[[], bool], seconds: float = 120) -> None:
    """Return when `ready`; TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{ready} was not ready within {seconds} s")
        time.sleep(PAUSE)


def postgres(layout: Layout) -> bool:
    """It answers an SSLRequest, which it does only when it accepts connections."""
    try:
        with socket.create_connection((LOOPBACK, layout.port("postgres")), 1) as connection:
            connection.sendall(SSL_REQUEST)
            return connection.recv(1) in {b"N", b"S"}
    except OSError:
        return False


def answers(url: str) -> bool:
    """A GET of `url` answers 2xx."""
    return _get(url) is not None


def airflow(layout: Layout) -> bool:
    """All of Airflow's processes have a heartbeat."""
    health = json.loads(_get(f"{layout.url('airflow')}/api/v2/monitor/health") or b"{}")
    names = ("metadatabase", "scheduler", "dag_processor", "triggerer")
    return all(health.get(name, {}).get("status") == "healthy" for name in names)


def _get(url: str) -> bytes | None:
    """The body of a 2xx answer; None for anything else. (httpx would load certificates.)"""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 -- loopback only
            body: bytes = answer.read()
            return body
    except (OSError, http.client.HTTPException):
        return None
