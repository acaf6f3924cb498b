"""Real clients in a container's environment: calls to own Services do not reach the proxy."""

from __future__ import annotations

import os
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import httpx
import kubernetes
import pytest
import requests
from botocore.config import Config

from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.pods import containers, pods

SERVICE_HOST = "10.96.0.1"
Call = Callable[[str], object]


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_request(self, *_: object) -> None:
        """Write no line of it."""


class Counting(ThreadingHTTPServer):
    """A server on loopback that counts its connections."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)


@contextmanager
def serving() -> Iterator[Counting]:
    with Counting() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Surroundings:
    """The proxy, and whatever is connected to directly."""

    proxy: Counting
    direct: Counting

    @property
    def counts(self) -> tuple[int, int]:
        return self.proxy.connections, self.direct.connections


@pytest.fixture
def surroundings(graph_with: GraphWith, monkeypatch: pytest.MonkeyPatch) -> Iterator[Surroundings]:
    """The environment of a task's container, whose names all lead to one server."""
    with serving() as proxy, serving() as direct:
        port = proxy.server_port
        url = f"http://127.0.0.1:{port}"
        network = {"proxy": {"http": url, "https": url, "cidr": "127.0.0.1/32"}}
        graph = graph_with(namespace="churn", network=network)
        (container,) = containers(pods(graph)["airflow-task"])
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            monkeypatch.delenv(name)
        for each in container["env"]:
            if each["name"].lower().endswith("_proxy"):
                value = each["value"].replace("$(KUBERNETES_SERVICE_HOST)", SERVICE_HOST)
                monkeypatch.setenv(each["name"], value)
        resolve = socket.getaddrinfo

        def lead(host: Any, wanted: Any, *rest: Any, **more: Any) -> Any:
            there = port if wanted == port else direct.server_port
            return resolve("127.0.0.1", there, *rest, **more)

        monkeypatch.setattr(socket, "getaddrinfo", lead)
        yield Surroundings(proxy, direct)


def by_boto3(url: str) -> None:
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=once,
    )
    with suppress(Exception):
        client.list_buckets()


def by_kubernetes(url: str) -> None:
    configuration = kubernetes.client.Configuration(host=url)
    configuration.retries = False
    with kubernetes.client.ApiClient(configuration) as client, suppress(Exception):
        kubernetes.client.VersionApi(client).get_code()


def by_urllib(url: str) -> None:
    urllib.request.build_opener().open(url, timeout=5).read()


CLIENTS: dict[str, Call] = {
    "urllib": by_urllib,
    "requests": lambda url: requests.get(url, timeout=5),
    "httpx": lambda url: httpx.get(url, timeout=5),
    "boto3": by_boto3,
    "kubernetes": by_kubernetes,
}
SERVICES = ["http://seaweedfs.churn.svc:8333", "http://mlflow.churn.svc.cluster.local:5000"]
every_client = pytest.mark.parametrize("client", CLIENTS)


@every_client
@pytest.mark.parametrize("url", [*SERVICES, "http://airflow-api-server.churn:8080"])
def test_a_call_to_an_own_service_is_direct(
    surroundings: Surroundings, client: str, url: str
) -> None:
    CLIENTS[client](url)
    assert surroundings.counts == (0, 1)


@every_client
def test_a_call_elsewhere_is_asked_of_the_proxy(surroundings: Surroundings, client: str) -> None:
    CLIENTS[client]("http://elsewhere.example.org")
    assert surroundings.counts == (1, 0)


def test_the_api_server_is_called_directly(surroundings: Surroundings) -> None:
    by_kubernetes(f"https://{SERVICE_HOST}:443")
    assert surroundings.counts == (0, 1)
    by_kubernetes("https://192.0.2.1:443")
    assert surroundings.counts == (1, 1)
