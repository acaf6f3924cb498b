"""Digests from a real registry, with and without a login, and from ones that misbehave."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from testkit.support.registries import MANIFEST, Registry, running_registry

from pilothouse.lifecycle.images.registry_client import LARGEST, Image, ImageNotResolved, digests
from tests.unit.lifecycle.images.tokens import SERVICE, token_server

USER, PASSWORD = "tester", "a-password-of-tests"
HASH = "$2b$04$9NkFe5KDYsxZp60cVQ2mi.dwVwNm02iBvC0blSHqfUJijfLuxtkZG"
LOGIN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
BASIC = {"Authorization": f"Basic {LOGIN}"}


def log_in(host: str) -> None:
    """What `docker login` writes."""
    file = Path(os.environ["DOCKER_CONFIG"]) / "config.json"
    file.write_text(json.dumps({"auths": {host: {"auth": LOGIN}}}))


def refusal(*references: str) -> str:
    with pytest.raises(ImageNotResolved) as caught:
        digests(references)
    return str(caught.value)


def test_a_tag_has_its_manifests_digest_and_one_of_several_machines_its_indexs(
    registry: Registry,
) -> None:
    single, several = registry.push("team/one", "1"), registry.push_index("team/many", "1")
    found = digests([f"{registry.host}/team/one:1", f"{registry.host}/team/many:1"])
    assert found == {f"{registry.host}/team/one:1": single, f"{registry.host}/team/many:1": several}
    assert registry.push("team/one", "1", content="2") != single
    assert digests([f"{registry.host}/team/one:1"]).popitem()[1] != single


def test_everything_that_cannot_be_resolved_is_named_at_once(registry: Registry) -> None:
    registry.push("team/known", "1")
    absent = [f"{registry.host}/team/known:2", f"{registry.host}/team/nothing:1"]
    said = refusal(f"{registry.host}/team/known:1", *absent, "127.0.0.1:1/team/app:1")
    lines = said.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["127.0.0.1:1/team/app:1", *absent]
    assert "does not answer" in lines[0]
    assert all("has no such image" in line for line in lines[1:])


def test_a_registry_with_passwords_takes_the_login_that_docker_keeps(tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_text(f"{USER}:{HASH}\n")
    auth = {"htpasswd": {"realm": "test", "path": str(users)}}
    with running_registry(tmp_path, auth=auth, headers=BASIC) as guarded:
        pushed = guarded.push("team/app", "1")
        reference = f"{guarded.host}/team/app:1"
        assert f"docker login {guarded.host}" in refusal(reference)
        log_in(guarded.host)
        assert digests([reference]) == {reference: pushed}


def test_a_registry_with_tokens_is_asked_with_one_for_this_image_only(tmp_path: Path) -> None:
    with (
        token_server(tmp_path, BASIC["Authorization"]) as tokens,
        running_registry(tmp_path, auth=tokens.auth) as guarded,
    ):
        host = guarded.host
        pushed = [
            Registry(host, bearer(tokens.auth, name)).push(name, "1")
            for name in ("open/app", "closed/app")
        ]
        everybody, members = f"{host}/open/app:1", f"{host}/closed/app:1"
        tokens.asked.clear()
        assert digests([everybody]) == {everybody: pushed[0]}
        scope = "repository:open/app:pull"
        assert tokens.asked == [{"scope": [scope], "service": [SERVICE]}]
        assert "docker login" in refusal(members)
        log_in(host)
        assert digests([members]) == {members: pushed[1]}


def bearer(auth: dict[str, Any], name: str) -> dict[str, str]:
    """The headers of somebody who may push `name`."""
    asked = {"service": SERVICE, "scope": f"repository:{name}:pull,push"}
    answer = httpx.get(auth["token"]["realm"], params=asked, headers=BASIC)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """The reference of an image whose registry gives this answer, whatever it is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

        def handle(self) -> None:
            """Bear a client that has heard enough."""
            try:
                super().handle()
            except OSError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}/team/app:1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


WRONG: list[tuple[int, bytes, dict[str, str], str]] = [
    (
        200,
        b"{}",
        {"Content_Type": MANIFEST, "Docker_Content_Digest": "sha256:0"},
        "but its manifest has",
    ),
    (
        200,
        b"<html>",
        {"Content_Type": "text/html; charset=utf-8"},
        "text/html instead of a manifest",
    ),
    (200, b"{}", {}, "no content type instead of a manifest"),
    (200, b" " * (LARGEST + 1), {"Content_Type": MANIFEST}, "more than 4194304 bytes"),
    (429, b"", {}, "limits the rate"),
    (503, b"", {}, "answers 503"),
    (307, b"", {"Location": "http://example.org/v2/"}, "refers to example.org without TLS"),
    (
        401,
        b"",
        {"WWW_Authenticate": 'Bearer realm="http://example.org/token"'},
        "refers to example.org without TLS",
    ),
    (401, b"", {"WWW_Authenticate": "Bearer"}, "docker login"),
    (401, b"", {"WWW_Authenticate": "Basic"}, "docker login"),
    (401, b"", {}, "docker login"),
    (200, b"", {"Content_Encoding": "gzip", "Content_Type": "x"}, "x instead of a manifest"),
    (200, b"no gzip", {"Content_Encoding": "gzip", "Content_Type": MANIFEST}, "invalid answer"),
]


@pytest.mark.parametrize(("status", "body", "headers", "said"), WRONG, ids=[w[3] for w in WRONG])
def test_a_wrong_answer_is_refused(
    status: int, body: bytes, headers: dict[str, str], said: str
) -> None:
    with answering(status, body, **headers) as reference:
        message = refusal(reference)
    assert message.startswith(f"{reference}: ")
    assert said in message


def test_a_spoilt_file_of_logins_is_no_login(registry: Registry) -> None:
    registry.push("team/spoilt", "1")
    for text in ("{", "[]", '{"auths": []}', '{"auths": {"x": 1}}'):
        (Path(os.environ["DOCKER_CONFIG"]) / "config.json").write_text(text)
        assert digests([f"{registry.host}/team/spoilt:1"])


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("postgres:18", "https://registry-1.docker.io/v2/library/postgres/manifests/18"),
        ("team/app:1", "https://registry-1.docker.io/v2/team/app/manifests/1"),
        ("docker.io/postgres:18", "https://registry-1.docker.io/v2/library/postgres/manifests/18"),
        ("docker.io/team/app:1", "https://registry-1.docker.io/v2/team/app/manifests/1"),
        ("ghcr.io/team/app:1", "https://ghcr.io/v2/team/app/manifests/1"),
        ("registry:5000/a/b/c:v1.2", "https://registry:5000/v2/a/b/c/manifests/v1.2"),
        ("localhost/app:1", "http://localhost/v2/app/manifests/1"),
        ("127.0.0.1:5000/app:1", "http://127.0.0.1:5000/v2/app/manifests/1"),
    ],
)
def test_a_reference_is_read_as_container_engines_read_it(reference: str, url: str) -> None:
    assert Image.of(reference).url == url
