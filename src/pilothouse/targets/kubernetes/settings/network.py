"""The network around the cluster: its proxy, its certificate authority and its package index."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.targets.kubernetes.settings.base import SUBDOMAIN, Destination, Name, Network
from pilothouse.targets.kubernetes.settings.certificates import CertificateAuthority

_PROXY = re.compile(rf"https?://{SUBDOMAIN}:(?P<port>[1-9][0-9]{{0,4}})")
_INDEX = re.compile(rf"https?://{SUBDOMAIN}(:(?P<port>[1-9][0-9]{{0,4}}))?(/[-\w.~/]*)?", re.ASCII)
_NAME_OR_NETWORK = r"\.?[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(/[0-9]{1,2})?"
_DIRECT = re.compile(rf"{_NAME_OR_NETWORK}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*")
_LAST_PORT = 65535


def _check_url(url: str, pattern: re.Pattern[str], *, example: str, login: str) -> str:
    if "@" in url:
        raise refusal(found="a login in the URL", remedy=f"leave it out: {login}")
    found = pattern.fullmatch(url)
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        raise refusal(found=shown(url), remedy=f"write a URL such as {example}")
    return url


def _check_proxy(url: str) -> str:
    login = "put the URL with it into a Secret, and name that as network.proxy.secret"
    return _check_url(url, _PROXY, example="http://proxy.example.org:3128", login=login)


def _check_index(url: str) -> str:
    login = "put PIP_INDEX_URL with it into a Secret, and name that under envFrom of a component"
    return _check_url(url, _INDEX, example="https://pypi.example.org/simple", login=login)


def _check_direct(host: str) -> str:
    if not _DIRECT.fullmatch(host):
        remedy = "write a domain such as .example.org, a host name or an address"
        raise refusal(found=shown(host), remedy=remedy)
    return host


ProxyUrl = Annotated[
    str,
    AfterValidator(_check_proxy),
    Field(json_schema_extra=rule("a URL with a port, such as http://proxy.example.org:3128")),
]
DirectHost = Annotated[
    str,
    AfterValidator(_check_direct),
    Field(json_schema_extra=rule("a domain such as .example.org, a host name or an address")),
]


class Proxy(Section):
    """An HTTP proxy, for the requests of pods to hosts outside the cluster."""

    http: ProxyUrl | None = Field(default=None, description="The proxy of http URLs.")
    https: ProxyUrl | None = Field(default=None, description="The proxy of https URLs.")
    cidr: Network = Field(
        description="The network of the proxy's addresses: network policies know no host names."
    )
    no_proxy: list[DirectHost] = Field(
        default_factory=list,
        description="More hosts that are connected to directly. The cluster's own, and those to "
        "which another setting opens the policies, always are.",
    )
    secret: Name | None = Field(
        default=None,
        max_length=50,
        description="The Secret of the stack's namespace whose keys `http` and `https` are the "
        "URLs of the proxy with its login.",
    )

    @model_validator(mode="after")
    def _check_url_given(self) -> Self:
        if not self.urls:
            raise refusal(found="neither", remedy="add one or both of http, https")
        return self

    @property
    def urls(self) -> dict[str, str]:
        """The proxy's URL by the scheme of requests."""
        return {scheme: url for scheme, url in (("http", self.http), ("https", self.https)) if url}

    @property
    def egress(self) -> list[Destination]:
        """The destinations of connections to the proxy."""
        ports = dict.fromkeys(urlsplit(url).port or 0 for url in self.urls.values())
        return [Destination(cidr=self.cidr, port=port) for port in ports]


class PackageIndex(Section):
    """The package index that pip and uv install from in pods."""

    url: Annotated[str, AfterValidator(_check_index)] = Field(
        description="The URL of the index, such as https://pypi.example.org/simple.",
        json_schema_extra=rule("a URL such as https://pypi.example.org/simple"),
    )
    cidr: Network | None = Field(
        default=None,
        description="The network of the index's addresses, to which pods then connect directly. "
        "By default they ask the proxy for it.",
    )

    @property
    def egress(self) -> list[Destination]:
        """The destination of direct connections to the index, if they are direct."""
        address = urlsplit(self.url)
        port = address.port or (443 if address.scheme == "https" else 80)
        return [Destination(cidr=self.cidr, port=port)] if self.cidr else []


class NetworkSettings(Section):
    """What every container of the stack needs to know of the network around the cluster."""

    proxy: Proxy | None = Field(
        default=None, description="An HTTP proxy. By default pods have none."
    )
    certificate_authority: CertificateAuthority | None = Field(
        default=None,
        description="The certificate authorities that programs trust. By default those of their "
        "image.",
    )
    package_index: PackageIndex | None = Field(
        default=None, description="The index of Python packages. By default the public one."
    )

    @model_validator(mode="after")
    def _check_index_reachable(self) -> Self:
        index = self.package_index
        if index and not index.cidr and not self.proxies(index.url):
            remedy = "add it, or a proxy for the URL: no network policy lets pods connect to it"
            raise refusal(key=("packageIndex", "cidr"), found="nothing", remedy=remedy)
        return self

    @property
    def egress(self) -> list[Destination]:
        """The destinations that every pod may connect to."""
        parts = (self.proxy, self.package_index)
        return [destination for part in parts if part for destination in part.egress]

    def proxies(self, url: str) -> bool:
        """Whether there is a proxy for the scheme of `url`."""
        return self.proxy is not None and urlsplit(url).scheme in self.proxy.urls
