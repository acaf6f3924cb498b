"""PostgreSQL wherever it runs: whether a server lets clients in."""

from __future__ import annotations

import socket


def find_failure(address: str, *, timeout: float) -> str:
    """Why the server at `address`, host:port, does not let clients in; "" if it does.

    `timeout` is in seconds. Raises OSError where nothing listens.
    """
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        connection.sendall(_startup_message())
        answer = connection.recv(1024)
    if answer[:1] not in (b"R", b"E"):
        return f"{address} does not speak PostgreSQL"
    return f"{address} is still starting up" if b"C57P03\0" in answer else ""


def _startup_message() -> bytes:
    """A StartupMessage of PostgreSQL's protocol 3.0, for a user who need not exist."""
    body = (196608).to_bytes(4, "big") + b"user\0postgres\0database\0postgres\0\0"
    return (len(body) + 4).to_bytes(4, "big") + body
