"""The consoles' servers as the client of the platform's OpenID Connect provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from pilothouse.services import oidc
from pilothouse.targets.local.settings.dags import resolve

if TYPE_CHECKING:
    from pilothouse.targets.local.settings.target import LocalPlan


@dataclass(frozen=True)
class OidcClient:
    """The variables of a console's server; none without `access.oidc`."""

    plain: Mapping[str, str]
    secrets: Mapping[str, pulumi.Output[str]]

    @classmethod
    def of(cls, plan: LocalPlan) -> OidcClient:
        """The client of a plan, with the secret from its file."""
        provider, settings = plan.platform.access.oidc, plan.settings.oidc
        if provider is None or settings is None:
            return cls({}, {})
        ca_file = str(resolve(plan.project, settings.ca_file)) if settings.ca_file else ""
        return cls(
            oidc.environment(
                provider, tracking_url="", ca_file=ca_file, programs=str(oidc.PROGRAMS)
            ),
            {oidc.SECRET_VARIABLE: pulumi.Output.secret(settings.read_secret(plan.project))},
        )
