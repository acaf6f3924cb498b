"""The environment variables by which programs are told of the network around the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pilothouse.config.validation import refusal

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.network import NetworkSettings
    from pilothouse.targets.kubernetes.settings.pods import PodSettings

AUTHORITY_VARIABLES = (
    "SSL_CERT_FILE",  # OpenSSL, Python, Go, httpx, uv
    "REQUESTS_CA_BUNDLE",  # requests, pip, MLflow's client
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",  # boto3
    "GIT_SSL_CAINFO",  # git, git-sync
)
INDEX_VARIABLES = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX")
PROXY_SCHEMES = ("http", "https")


def proxy_variables(scheme: str) -> tuple[str, str]:
    """The variables of the proxy of a scheme: a program reads one or the other."""
    return f"{scheme.upper()}_PROXY", f"{scheme}_proxy"


VARIABLES = frozenset(
    {
        *(variable for scheme in (*PROXY_SCHEMES, "no") for variable in proxy_variables(scheme)),
        *AUTHORITY_VARIABLES,
        *INDEX_VARIABLES,
    }
)
"""Every variable that a setting of `network` may set."""


def check_unset(
    network: NetworkSettings, common: PodSettings, components: Mapping[str, PodSettings]
) -> None:
    """Raise a refusal of a variable under `env` that a setting of `network` sets too."""
    taken = dict(_set_by(network))
    sections = [((), common), *((("components", name), one) for name, one in components.items())]
    for place, section in sections:
        for name in section.env:
            if name in taken:
                raise refusal(
                    key=(*place, "env", name),
                    found=f"a variable that {taken[name]} sets",
                    remedy="remove it, or that setting",
                )


def _set_by(network: NetworkSettings) -> Iterator[tuple[str, str]]:
    """The variables that may also stand under `env`, and the setting that sets them."""
    if network.certificate_authority:
        yield from dict.fromkeys(AUTHORITY_VARIABLES, "network.certificateAuthority").items()
    if network.package_index:
        yield from dict.fromkeys(INDEX_VARIABLES, "network.packageIndex").items()
