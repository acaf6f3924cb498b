"""The stack's client at the OpenID Connect provider of `access.oidc`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import Field

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.targets.kubernetes.settings.base import Destination, Name

if TYPE_CHECKING:
    from pilothouse.config.oidc import Oidc
    from pilothouse.targets.kubernetes.settings.network import NetworkSettings


class OidcSettings(Section):
    """The secret of the client, and how pods reach the provider."""

    secret: Name = Field(
        max_length=50,  # a volume is named after it
        description="The Secret of the namespace with the client's secret.",
    )
    secret_key: str = Field(
        default="clientSecret", min_length=1, description="The key of the Secret that has it."
    )
    egress: list[Destination] = Field(
        default_factory=list,
        description="The addresses of the provider, those of its token, key and userinfo "
        "endpoints included, for the network policies of the consoles. Required, unless "
        "`network.proxy` is to be asked for the provider.",
    )


def check(provider: Oidc, settings: OidcSettings | None, network: NetworkSettings) -> None:
    """Raise a refusal of what keeps the pods from the provider."""
    if urlsplit(provider.issuer).scheme == "http":
        raise refusal(
            key="oidc",
            found=f"the issuer {shown(provider.issuer)} in platform.yaml",
            remedy="name one with https:// there: a loopback address of a pod is the pod itself",
        )
    if settings is None:
        raise refusal(
            key="oidc",
            found="nothing, with access.oidc in platform.yaml",
            remedy="add `oidc` with `secret`, a Secret that has the client's secret, and `egress`",
        )
    if not settings.egress and not network.proxies(provider.issuer):
        remedy = "add the addresses of the provider: no network policy lets pods connect to it"
        raise refusal(key=("oidc", "egress"), found="nothing", remedy=remedy)
