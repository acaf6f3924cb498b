"""The object stores that `DATA_URI` may name: which one, and a client of it.

Each kind is a module, imported for its own URIs alone, as is its SDK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from pilothouse_workload.errors import InvalidEnvironmentError

PREFIX = r"(?:/(?P<prefix>[^?#\x00-\x1f]*))?"
ACCOUNT = r"(?P<account>[a-z0-9]{3,24})"
CONTAINER = r"(?P<container>[a-z0-9][a-z0-9-]{1,61}[a-z0-9])"
LOGIN = re.compile(r"(?<=://)[^/@]+:[^/@]+(?=@)|(?<=\?).+", re.DOTALL)
"""What may be secret in a URI: a password, a signature."""


@dataclass(frozen=True)
class Kind:
    """A form of `DATA_URI`.

    module: of this package, with a function `connect`. sdk: what to install for it.
    """

    form: str
    pattern: re.Pattern[str]
    module: str
    sdk: str = ""


KINDS = (
    Kind(
        "s3://<bucket>[/<prefix>]",
        re.compile(rf"s3://(?P<container>[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9]){PREFIX}"),
        "s3",
        "boto3",
    ),
    Kind(
        "gs://<bucket>[/<prefix>]",
        re.compile(rf"gs://(?P<container>[a-z0-9][a-z0-9._-]{{1,220}}[a-z0-9]){PREFIX}"),
        "google",
        "pilothouse-workload[gcp]",
    ),
    Kind(
        "https://<account>.blob.<suffix>/<container>[/<prefix>]",
        re.compile(rf"https://{ACCOUNT}\.blob\.(?P<suffix>[a-z0-9.-]+)/{CONTAINER}{PREFIX}"),
        "azure",
        "pilothouse-workload[azure]",
    ),
    Kind(
        "abfss://<container>@<account>.dfs.<suffix>[/<prefix>]",
        re.compile(rf"abfss://{CONTAINER}@{ACCOUNT}\.dfs\.(?P<suffix>[a-z0-9.-]+){PREFIX}"),
        "azure",
        "pilothouse-workload[azure]",
    ),
    Kind("/<folder>", re.compile(r"(?P<path>/[^/\x00-\x1f][^\x00-\x1f]*)"), "folder"),
    Kind(
        "file:///<folder>",
        re.compile(r"file://(?P<escaped_path>/[^/?#\x00-\x1f][^?#\x00-\x1f]*)"),
        "folder",
    ),
)
FORMS = tuple(kind.form for kind in KINDS)


class ObjectStore(Protocol):
    """Objects below `DATA_URI`; the errors of the SDK come through."""

    def write(self, name: str, body: bytes) -> None:
        """Write one object, replacing what was there: as a whole, or not at all."""

    def read(self, name: str) -> bytes:
        """Read one object."""


@dataclass(frozen=True)
class Address:
    """A `DATA_URI` in its parts; `prefix` ends with a slash unless it is empty."""

    kind: Kind
    parts: dict[str, str]
    prefix: str


def address_of(uri: str) -> Address | None:
    """The parts of `uri`; None where it has no known form."""
    for kind in KINDS:
        if found := kind.pattern.fullmatch(uri):
            parts = {name: value or "" for name, value in found.groupdict().items()}
            folder = parts.pop("prefix", "").strip("/")
            return Address(kind, parts, f"{folder}/" if folder else "")
    return None


def problems(uri: str) -> Iterator[str]:
    """Why `uri` is no `DATA_URI`."""
    if address_of(uri) is None:
        yield f"DATA_URI: found {LOGIN.sub('…', uri)!r}; set it to one of {', '.join(FORMS)}"


def connect(uri: str) -> ObjectStore:
    """The store that `uri` names; InvalidEnvironmentError where its SDK is not installed."""
    address = address_of(uri)
    if address is None:
        raise InvalidEnvironmentError([*problems(uri)])
    try:
        module = import_module(f"{__package__}.{address.kind.module}")
    except ModuleNotFoundError as error:
        problem = f"DATA_URI: {uri!r} needs the module {error.name}; install {address.kind.sdk}"
        raise InvalidEnvironmentError([problem]) from error
    store: ObjectStore = module.connect(address)
    return store
