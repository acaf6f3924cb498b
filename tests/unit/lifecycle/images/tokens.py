"""A token server, as registries send their clients to: it knows one user and who may pull what."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlparse

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

ISSUER, SERVICE = "tokens-of-a-test", "registry-of-a-test"


@dataclass
class Tokens:
    """What was asked of the server, and the registry's configuration that trusts it."""

    auth: dict[str, Any]
    login: str
    asked: list[dict[str, list[str]]] = field(default_factory=list)


@contextmanager
def token_server(folder: Path, login: str) -> Iterator[Tokens]:
    """Everybody may pull `open/…`; whoever sends `login` may do anything."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = _certificate(key)
    bundle = folder / "tokens.pem"
    bundle.write_bytes(certificate.public_bytes(Encoding.PEM))
    tokens = Tokens(auth={}, login=login)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlparse(self.path).query)
            tokens.asked.append(query)
            known = self.headers.get("Authorization") == login
            body = json.dumps({"token": _token(key, certificate, query, known=known)}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    tokens.auth["token"] = {
        "realm": f"http://127.0.0.1:{server.server_port}/token",
        "service": SERVICE,
        "issuer": ISSUER,
        "rootcertbundle": str(bundle),
    }
    try:
        yield tokens
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _token(
    key: rsa.RSAPrivateKey,
    certificate: x509.Certificate,
    query: dict[str, list[str]],
    *,
    known: bool,
) -> str:
    now = int(time.time())
    granted = [_granted(scope, known=known) for scope in query.get("scope", [])]
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    head = {"typ": "JWT", "alg": "RS256", "x5c": [der]}
    claims = {
        "iss": ISSUER,
        "sub": "",
        "aud": query["service"][0],
        "exp": now + 300,
        "nbf": now - 10,
        "iat": now,
        "jti": str(now),
        "access": granted,
    }
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{_encoded(signature)}"


def _granted(scope: str, *, known: bool) -> dict[str, Any]:
    kind, name, actions = scope.split(":")
    allowed = actions.split(",") if known or name.startswith("open/") else []
    return {"type": kind, "name": name, "actions": allowed}


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
