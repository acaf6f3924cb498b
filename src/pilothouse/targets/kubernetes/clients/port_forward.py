"""Forwards loopback ports to pods in the cluster, as `kubectl port-forward` does."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial

from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.pod_status import is_ready, pods_of
from pilothouse.waiting import wait_until

LOOPBACK = "127.0.0.1"
CHUNK = 1 << 16  # bytes
ENDED_WITHIN = 5.0  # seconds until the client has answered the end of a connection
Dial = Callable[[], AbstractContextManager[socket.socket]]
log = logging.getLogger(__name__)


@contextmanager
def forward_port(cluster: Cluster, namespace: str, component: str, port: int) -> Iterator[int]:
    """Forward a port of 127.0.0.1 to `port` of a ready pod of `component`, until the end.

    Every connection selects a ready pod anew, so a deleted pod is replaced by the next.
    A connection that cannot be forwarded is closed, and the reason is logged as a warning.
    """
    ended = threading.Event()
    with ExitStack() as ending:
        listener = ending.enter_context(socket.create_server((LOOPBACK, 0)))
        dial = partial(_dial, cluster, namespace, component, port)
        serving = threading.Thread(target=_serve, args=(listener, dial, ended), daemon=True)
        serving.start()
        ending.callback(serving.join)
        ending.callback(_wake, listener.getsockname())
        ending.callback(ended.set)
        yield int(listener.getsockname()[1])


def _wake(address: tuple[str, int]) -> None:
    """Wake the thread that accepts connections, which closing its socket would not."""
    with suppress(OSError):
        socket.create_connection(address, timeout=1).close()


def _serve(listener: socket.socket, dial: Dial, ended: threading.Event) -> None:
    while True:
        caller, _ = listener.accept()
        if ended.is_set():
            caller.close()
            return
        threading.Thread(target=_join, args=(caller, dial), daemon=True).start()


def _join(caller: socket.socket, dial: Dial) -> None:
    """Copy data between a caller and a pod, until both have ended."""
    with caller, ExitStack() as dialled:
        try:
            pod = dialled.enter_context(dial())
        except Exception as error:  # noqa: BLE001 - whatever it is, the forward serves the next caller
            log.warning("cannot forward a connection: %s", " ".join(str(error).split()))
            return
        back = threading.Thread(target=_pump, args=(pod, caller), daemon=True)
        back.start()
        _pump(caller, pod)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def _dial(cluster: Cluster, namespace: str, component: str, port: int) -> Iterator[socket.socket]:
    from kubernetes.client import CoreV1Api
    from kubernetes.stream import portforward

    pod = ready_pod(cluster, namespace, component)
    # Upgrading a connection changes its client, so every connection has its own.
    api = CoreV1Api(Cluster(cluster.settings).client)
    connect = api.connect_get_namespaced_pod_portforward
    forward = portforward(connect, pod, namespace, ports=str(port))
    try:
        connection: socket.socket = forward.socket(port)
        connection.setblocking(True)
        yield connection
    finally:
        forward.close()
        # The client's own socket stays open where the server was the first to close.
        wait_until(lambda: not forward.connected, seconds=ENDED_WITHIN, pause=0.05)
        forward.websocket.shutdown()


def ready_pod(cluster: Cluster, namespace: str, component: str) -> str:
    """The name of a pod of the component that is ready; PilothouseError where none is."""
    for pod in pods_of(cluster, namespace, component):
        if is_ready(pod) and pod.metadata.deletionTimestamp is None:
            return str(pod.metadata.name)
    raise PilothouseError(
        f"no pod of {component} in namespace {namespace} is ready; "
        "`pilothouse status` names the reason"
    )
