"""A server in front of another one that lets only requests through that AWS credentials sign.

It stands for SageMaker's MLflow: it works out the signature by itself, as AWS documents it, from
what has arrived, and says 403 where that is not the one that came.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from urllib.parse import parse_qsl, quote, urlsplit

from testkit.support.http_front import http_front

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>\w+)/(?P<scope>[^,]+), "
    r"SignedHeaders=(?P<headers>[^,]+), Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Expected:
    """What a request must be signed with and for: `keys` are secrets by access key."""

    keys: Mapping[str, str]
    scope: str  # region/service
    header: str
    arn: str


@dataclass
class Front:
    """The address, and why requests were refused."""

    url: str
    refused: list[str] = field(default_factory=list)


@contextmanager
def signed_front(behind: str, expected: Expected) -> Iterator[Front]:
    """The front of the server at `behind`."""
    front = Front("")

    def refusal(
        method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str] | None:
        wrong = complaint(expected, method, path, headers, body)
        if not wrong:
            return None
        front.refused.append(f"{method} {path}: {wrong}")
        return 403, wrong

    with http_front(behind, refusal) as front.url:
        yield front


def complaint(
    expected: Expected, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> str:
    """Why AWS would not take the request; "" if it would."""
    found = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found is None:
        return "no signature"
    date, _, scope = found["scope"].partition("/")
    if found["key"] not in expected.keys or scope != f"{expected.scope}/aws4_request":
        return f"signed by {found['key']} for {scope}"
    if headers.get(expected.header) != expected.arn:
        return f"{expected.header} is {headers.get(expected.header)}"
    if headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        return "another body than the one that was signed"
    text = "\n".join(_canonical(method, target, found["headers"], headers))
    signed = [
        "AWS4-HMAC-SHA256", headers["x-amz-date"], found["scope"],
        hashlib.sha256(text.encode()).hexdigest(),
    ]  # fmt: skip
    parts = [date, *scope.split("/"), "\n".join(signed)]
    secret = f"AWS4{expected.keys[found['key']]}".encode()
    signature = reduce(lambda key, part: hmac.digest(key, part.encode(), "sha256"), parts, secret)
    return "" if signature.hex() == found["signature"] else f"another signature is due for {text!r}"


def _canonical(method: str, target: str, signed: str, headers: Mapping[str, str]) -> Iterator[str]:
    """The request as AWS writes it down before it is signed."""
    url = urlsplit(target)
    pairs = sorted((quote(k, "~"), quote(v, "~")) for k, v in parse_qsl(url.query, True))
    yield method
    yield quote(url.path, "/~")
    yield "&".join(f"{key}={value}" for key, value in pairs)
    yield from (f"{name}:{' '.join(headers[name].split())}" for name in signed.split(";"))
    yield ""
    yield signed
    yield headers["x-amz-content-sha256"]
