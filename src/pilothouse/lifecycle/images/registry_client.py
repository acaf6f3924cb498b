"""Asks image registries for digests, by the HTTP API of the OCI distribution specification."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path

import httpx

from pilothouse.errors import PilothouseError

# What a tag leads to: an index of several architectures, or one image, in OCI's words and Docker's.
ACCEPTED = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
DIGEST_HEADER = "Docker-Content-Digest"
LARGEST = 4 * 1024 * 1024  # bytes of a manifest, as registries limit them
TIMEOUT = httpx.Timeout(10.0, read=30.0)  # seconds
AT_ONCE = 4
HUB, HUB_API, HUB_LOGIN = "docker.io", "registry-1.docker.io", "https://index.docker.io/v1/"

_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class ImageNotResolved(PilothouseError):
    """Registries gave no digest for some images; the message has a line for each."""


class _Refused(Exception):
    """Why there is no digest for an image, and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image by its registry's host, its name there, and its tag."""

    host: str
    name: str
    tag: str

    @classmethod
    def of(cls, reference: str) -> Image:
        """As container engines read it: without a host, it is on Docker Hub."""
        path, _, tag = reference.rpartition(":")
        first, _, rest = path.partition("/")
        if not rest or not (set(".:") & set(first) or first == "localhost"):
            first, rest = HUB, path
        library = "library/" if first == HUB and "/" not in rest else ""
        return cls(host=first, name=f"{library}{rest}", tag=tag)

    @property
    def url(self) -> str:
        """Its manifest's address: in the clear on this machine only."""
        scheme = "http" if _is_loopback(self.host.partition(":")[0]) else "https"
        host = HUB_API if self.host == HUB else self.host
        return f"{scheme}://{host}/v2/{self.name}/manifests/{self.tag}"


def digests(references: Iterable[str]) -> dict[str, str]:
    """The digest, `sha256:…`, of each reference that has a tag; ImageNotResolved if any has none.

    A tag of several architectures has the digest of its index.
    """
    wanted = sorted(set(references))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(wanted, pool.map(_resolve, wanted), strict=True))
    if refused := [f"{name}: {why}" for name, why in answers.items() if isinstance(why, _Refused)]:
        raise ImageNotResolved("\n".join(refused))
    return {name: str(answer) for name, answer in answers.items()}


def _resolve(reference: str) -> str | _Refused:
    image = Image.of(reference)
    try:
        with _explain_errors(image):
            return _digest(image)
    except _Refused as refused:
        return refused


def _digest(image: Image) -> str:
    with (
        httpx.Client(
            auth=_Login(image.host),
            follow_redirects=True,
            timeout=TIMEOUT,
            event_hooks={"request": [_require_tls]},
        ) as client,
        client.stream("GET", image.url, headers={"Accept": ", ".join(ACCEPTED)}) as response,
    ):
        _require_manifest(image, response)
        digest = f"sha256:{hashlib.sha256(_body(response)).hexdigest()}"
    declared = response.headers.get(DIGEST_HEADER, digest)
    if declared != digest:
        raise _Refused(
            f"{image.host} declares {declared}, but its manifest has {digest}: ask its operator"
        )
    return digest


def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > LARGEST:
            raise _Refused(f"its manifest has more than {LARGEST} bytes: name another image")
    return bytes(body)


def _require_manifest(image: Image, response: httpx.Response) -> None:
    status = response.status_code
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise _Refused(
            f"{image.host} requires a login for it, or has no such image: check its "
            f"name, or log in with `docker login {image.host}`"
        )
    if status == HTTPStatus.NOT_FOUND:
        raise _Refused(f"{image.host} has no such image: name one that was pushed there")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _Refused(f"{image.host} limits the rate of requests: log in to it, or try later")
    if status != HTTPStatus.OK:
        raise _Refused(f"{image.host} answers {status}: try later, or ask its operator")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind not in ACCEPTED:
        raise _Refused(f"{image.host} sent {kind or 'no content type'} instead of a manifest")


@contextmanager
def _explain_errors(image: Image) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        remedy = "check its name and the network, or name an image in a registry that answers"
        raise _Refused(f"{image.host} does not answer ({error}): {remedy}") from error
    except (httpx.HTTPError, httpx.InvalidURL, LookupError, ValueError) as error:
        remedy = "ask its operator"
        raise _Refused(f"{image.host} sent an invalid answer ({error}): {remedy}") from error


def _require_tls(request: httpx.Request) -> None:
    """Refuse a redirect, or a token's address, without TLS."""
    if request.url.scheme != "https" and not _is_loopback(request.url.host):
        raise _Refused(f"its registry refers to {request.url.host} without TLS: ask its operator")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Login(httpx.Auth):
    """Answers a registry's challenge: with the login that Docker keeps, or anonymously."""

    def __init__(self, host: str) -> None:
        self._basic = _docker_login(host)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield request
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return
        scheme, _, rest = response.headers.get("WWW-Authenticate", "").partition(" ")
        challenge = dict(_PARAMETER.findall(rest))
        if scheme.lower() == "bearer" and "realm" in challenge:
            answer = yield self._token_request(challenge)
            if answer.status_code != HTTPStatus.OK:
                return
            answer.read()
            request.headers["Authorization"] = f"Bearer {_token(answer)}"
            yield request
        elif scheme.lower() == "basic" and self._basic:
            request.headers["Authorization"] = self._basic
            yield request

    def _token_request(self, challenge: Mapping[str, str]) -> httpx.Request:
        parameters = {key: challenge[key] for key in ("service", "scope") if key in challenge}
        headers = {"Authorization": self._basic} if self._basic else {}
        return httpx.Request("GET", challenge["realm"], params=parameters, headers=headers)


def _token(answer: httpx.Response) -> str:
    found = answer.json()
    return str(found.get("token") or found["access_token"])


def _docker_login(host: str) -> str:
    """The header of the login that `docker login` stored for a host; "" if there is none."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    names = (HUB_LOGIN, HUB) if host == HUB else (host, f"https://{host}", f"https://{host}/v2/")
    try:
        known = json.loads((folder / "config.json").read_text(encoding="utf-8"))["auths"]
        found = next(known[name]["auth"] for name in names if name in known)
    except (OSError, LookupError, TypeError, ValueError, StopIteration):
        return ""
    return f"Basic {found}"
