"""A store without keys is read as whoever the environment names at that moment."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from testkit.support.http_servers import answering

from pilothouse.contract import Capability
from pilothouse.services.object_store import S3ObjectStore


class Signed(HTTPServer):
    """A store that keeps who asked for an object."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SignedRequests)
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class SignedRequests(BaseHTTPRequestHandler):
    server: Signed

    def do_GET(self) -> None:
        _, _, credential = self.headers["Authorization"].partition("Credential=")
        self.server.keys.append(credential.partition("/")[0])
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"text")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Signed]:
    with answering(Signed()) as made:
        yield made


@pytest.fixture
def storage(server: Signed) -> Capability[str]:
    where = {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_S3": server.url}
    return Capability(uri="s3://team-data", console="", environment=where)


def act_as(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", name)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def test_the_identity_is_the_one_of_the_environment_now(
    storage: Capability[str], server: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as("FIRST", monkeypatch)
    boto3.client("s3", region_name="us-east-1")
    for name in ("FIRST", "SECOND"):
        act_as(name, monkeypatch)
        assert S3ObjectStore(storage).read("file") == b"text"
    assert server.keys == ["FIRST", "SECOND"]
