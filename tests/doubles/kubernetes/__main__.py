"""Serves the provider: prints its port, and ends when the engine that started it ends."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2_grpc

from tests.doubles.kubernetes.host import Host
from tests.doubles.kubernetes.servicer import Provider

_WORKERS = 64  # each waits for one object
_LARGEST = 400 * 1024 * 1024  # bytes of a message, as the engine has it
_OPTIONS = [("grpc.max_receive_message_length", _LARGEST), ("grpc.so_reuseport", 0)]


def main() -> None:
    """Serve until told to end."""
    engine = next((a for a in sys.argv[1:] if not a.startswith("-")), None)
    ended, provider = threading.Event(), Provider(Host(engine))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    _end_with(os.getppid())
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    ended.wait()
    provider.cancelled.set()
    server.stop(1).wait()
    os._exit(0)


def _end_with(parent: int) -> None:
    """End at once when a process ends, also when it is killed."""
    watched = os.pidfd_open(parent)
    if os.getppid() != parent:
        os._exit(0)
    threading.Thread(target=_exit_after, args=(watched,), daemon=True).start()


def _exit_after(watched: int) -> None:
    select.select([watched], [], [])
    os._exit(0)


if __name__ == "__main__":
    main()
