"""What both consoles believe of a provider, by MLflow's interpreter, against one that lies."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from testkit.support import environments

from pilothouse.config.oidc import Oidc
from pilothouse.services import oidc

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

LOGIN = """
import json
from urllib.parse import parse_qs, urlsplit
from authlib.integrations.flask_client import OAuth
from flask import Flask, session
from oidc_provider import PROVIDER, registration
app = Flask("login")
app.secret_key = "of a test"
provider = OAuth(app).register(PROVIDER, **registration())
try:
    with app.test_request_context("/"):
        asked = provider.authorize_redirect("http://127.0.0.1/cb").location
        kept = dict(session)
    query = {name: value for name, (value,) in parse_qs(urlsplit(asked).query).items()}
    path = f"/cb?code=c&state={query['state']}"
    with app.test_request_context(path):
        session.update(kept)
        person = provider.person(provider.authorize_access_token())
        print("PERSON", json.dumps([person.email, person.role, sorted(query)]))
except Exception as error:
    print("ERROR", type(error).__name__, error)
"""
ROLES = {"viewer": ["all"], "user": ["team"], "admin": ["chiefs"]}
CLAIMS = {"sub": "1", "email": "Ann@example.org", "groups": ["all", "chiefs"]}


class Liar(BaseHTTPRequestHandler):
    """A provider whose discovery document and userinfo are given, with unsigned ID tokens."""

    document: ClassVar[dict[str, Any]]
    userinfo: ClassVar[dict[str, Any]]

    def do_GET(self) -> None:
        self._reply(self.document if ".well-known" in self.path else self.userinfo)

    def do_POST(self) -> None:
        claims = {"iss": self.document["issuer"], "aud": "pilot", "exp": 9999999999, "iat": 1}
        parts = [{"alg": "none"}, {**CLAIMS, **claims}]
        encoded = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode() for each in parts]
        token = f"{'.'.join(each.rstrip('=') for each in encoded)}."
        self._reply({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _reply(self, answer: object) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *words: object) -> None:
        """Say nothing."""


def public_key() -> dict[str, str]:
    """A key of which no token is signed."""
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    modulus = base64.urlsafe_b64encode(numbers.n.to_bytes(256, "big")).decode().rstrip("=")
    return {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "k"}


@pytest.fixture
def liar() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Liar) as running:
        threading.Thread(target=running.serve_forever, args=(0.05,)).start()
        base = f"http://127.0.0.1:{running.server_address[1]}"
        Liar.document = {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "jwks": {"keys": [public_key()]},
            "id_token_signing_alg_values_supported": ["none", "HS256"],
        }
        Liar.userinfo = {}
        yield base
        running.shutdown()


def run(issuer: str, program: str, folder: Path, *arguments: str) -> list[str]:
    """The lines of a program in MLflow's environment, as a client of `issuer`."""
    client = Oidc.model_validate({"issuer": issuer, "clientId": "pilot", "roles": ROLES})
    given = oidc.environment(client, tracking_url="", ca_file="", programs=str(oidc.PROGRAMS))
    done = subprocess.run(
        [environments.installed("mlflow") / "bin" / "python", "-c", program, *arguments],
        env={"PATH": os.environ["PATH"], **given, oidc.SECRET_VARIABLE: "s", "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_an_unsigned_id_token_logs_nobody_in(liar: str, tmp_path: Path) -> None:
    (said,) = run(liar, LOGIN, tmp_path)
    assert said.startswith("ERROR")
    assert "alg" in said.lower(), said


def test_another_issuer_is_named_before_anybody_is_sent_there(liar: str, tmp_path: Path) -> None:
    Liar.document["issuer"] = "https://other.example.org"
    (said,) = run(liar, LOGIN, tmp_path)
    assert "calls itself https://other.example.org, and access.oidc.issuer" in said
    assert liar in said


PEOPLE = """
import json, sys
from oidc_provider import Provider, Refused
class Other(Provider):
    def __init__(self, given): self.given = given
    def userinfo(self, token): return self.given
for claims, userinfo in json.loads(sys.argv[1]):
    try:
        person = Other(userinfo).person({"userinfo": claims})
        found = [person.email, person.role]
    except Refused as error:
        found = str(error)
    print(json.dumps(found))
"""
UNVERIFIED = "the provider gives no verified e-mail address of this account"
CASES: list[tuple[object, object, object]] = [
    (CLAIMS, {}, ["ann@example.org", "admin"]),
    ({**CLAIMS, "groups": ["team", "all"]}, {}, ["ann@example.org", "user"]),
    ({**CLAIMS, "groups": "all"}, {}, ["ann@example.org", "viewer"]),
    ({**CLAIMS, "groups": ["allies"]}, {}, ["ann@example.org", ""]),
    ({"sub": "1"}, CLAIMS, ["ann@example.org", "admin"]),
    ({"sub": "1", "email": "b@x.org"}, CLAIMS, ["b@x.org", "admin"]),
    ({"sub": "2"}, CLAIMS, "the provider's userinfo is about somebody else"),
    (None, CLAIMS, "the provider sent no ID token"),
    ({**CLAIMS, "email_verified": False}, {}, UNVERIFIED),
    ({**CLAIMS, "email_verified": "false"}, {}, UNVERIFIED),
    ({**CLAIMS, "email": "admin"}, {}, UNVERIFIED),
    ({**CLAIMS, "email": "a:b@x.org"}, {}, UNVERIFIED),
]


def test_a_person_is_who_the_id_token_is_about(tmp_path: Path) -> None:
    given = json.dumps([[claims, userinfo] for claims, userinfo, _ in CASES])
    said = run("https://id.example.org", PEOPLE, tmp_path, given)
    assert [json.loads(line) for line in said] == [expected for _, _, expected in CASES]


ADDRESSES = """
import json, sys
from flask import Flask, redirect, request
from oidc_provider import own_address
app = Flask("redirects")
app.before_request(lambda: redirect(own_address(request.path, request.query_string.decode())))
for path in json.loads(sys.argv[1]):
    print(json.dumps(app.test_client().get(path).location))
"""


def test_a_redirect_to_the_same_page_never_leaves_the_host(tmp_path: Path) -> None:
    paths = [
        "/a%20b?c=d&e=%26",
        "//x.org",
        "/%2F%2Fx.org",
        "/%09/x.org",
        "/%5Cx.org",
        "/%0A//x.org",
    ]
    said = run("https://id.example.org", ADDRESSES, tmp_path, json.dumps(paths))
    locations = [json.loads(line) for line in said]
    assert locations[0] == "/a%20b?c=d&e=%26"
    assert not [each for each in locations if not re.match(r"/([\w%]|$)", each)]
