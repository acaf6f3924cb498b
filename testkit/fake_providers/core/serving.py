"""Serves a provider as a plugin: prints its port, and ends when the engine that started it ends."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, Protocol

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2_grpc

from testkit.fake_providers.core.host import Host

_WORKERS = 64  # each waits for one object
_LARGEST = 400 * 1024 * 1024  # bytes of a message, as the engine has it
_OPTIONS = [("grpc.max_receive_message_length", _LARGEST), ("grpc.so_reuseport", 0)]


class Served(Protocol):
    """A provider, as far as serving it goes."""

    cancelled: Event


def main(made: Callable[[Host], Served]) -> None:
    """Serve until told to end."""
    engine = next((a for a in sys.argv[1:] if not a.startswith("-")), None)
    ended, provider = threading.Event(), made(Host(engine))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    _end_with(os.getppid())
    server, port = started(provider)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    ended.wait()
    provider.cancelled.set()
    server.stop(1).wait()
    os._exit(0)


def started(provider: Any) -> tuple[Any, int]:
    """A server of the provider on a free port of this machine, and that port."""
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _end_with(parent: int) -> None:
    """End at once when a process ends, also when it is killed."""
    watched = os.pidfd_open(parent)
    if os.getppid() != parent:
        os._exit(0)
    threading.Thread(target=_exit_after, args=(watched,), daemon=True).start()


def _exit_after(watched: int) -> None:
    select.select([watched], [], [])
    os._exit(0)
