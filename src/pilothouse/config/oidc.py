"""`access.oidc`: the company's OpenID Connect provider, by which people log in to the consoles."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, field_validator, model_validator

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

MOST_GROUPS = 50
_LOOPBACK = r"(localhost|127\.0\.0\.1|\[::1\])"
_ISSUER = rf"^(https://[^/?#\s@]+|http://{_LOOPBACK}(:[0-9]+)?)(/[^?#\s]*)?$"
_REQUIRED_SCOPE = "openid"


class OidcRoles(Section):
    """The provider's groups by the role of their members; who is in several has the highest."""

    viewer: list[str] = Field(
        default_factory=list,
        description="The groups that see everything.",
        max_length=MOST_GROUPS,
    )
    user: list[str] = Field(
        default_factory=list,
        description="The groups that also work with it.",
        max_length=MOST_GROUPS,
    )
    admin: list[str] = Field(
        default_factory=list,
        description="The groups that may do everything, users and permissions included.",
        max_length=MOST_GROUPS,
    )

    @model_validator(mode="after")
    def _check_groups(self) -> Self:
        known: dict[str, str] = {}
        for role, groups in self.by_rank.items():
            for number, group in enumerate(groups):
                if not group or group in known:
                    used = f"{shown(group)}, a group of {known[group]} too" if group else "nothing"
                    remedy = "give each group one role" if group else "name a group, or remove it"
                    raise refusal(key=(role, number), found=used, remedy=remedy)
                known[group] = role
        if not known:
            raise refusal(
                found="no group",
                remedy="name the groups of your provider under viewer, user or admin: who is in "
                "none of them cannot log in",
            )
        return self

    @property
    def by_rank(self) -> Mapping[str, list[str]]:
        """The groups by their role, the highest role first."""
        return {"admin": self.admin, "user": self.user, "viewer": self.viewer}


class Oidc(Section):
    """An OpenID Connect provider; the stack file names the secret of the client."""

    issuer: str = Field(
        description="The provider's issuer, as its discovery document at "
        "`<issuer>/.well-known/openid-configuration` names it, to the character.",
        pattern=_ISSUER,
        json_schema_extra=rule(
            "a URL with https:// and without a query, such as https://login.example.com; "
            "http:// is for loopback addresses alone"
        ),
    )
    client_id: str = Field(
        min_length=1, description="The client that is registered for both consoles."
    )
    groups_claim: str = Field(
        default="groups",
        min_length=1,
        description="The claim with a person's groups, in the ID token or of the userinfo "
        "endpoint: a list of texts.",
    )
    scopes: list[str] = Field(
        default_factory=lambda: [_REQUIRED_SCOPE, "profile", "email"],
        description="The scopes to ask for. Some providers give the groups for one more, such as "
        "`groups`.",
    )
    roles: OidcRoles = Field(description="Whose members have which role.")

    @field_validator("scopes")
    @classmethod
    def _check_scopes(cls, scopes: list[str]) -> list[str]:
        if _REQUIRED_SCOPE not in scopes:
            remedy = f"add {_REQUIRED_SCOPE}: without it the provider sends no ID token"
            raise refusal(found=shown(scopes), remedy=remedy)
        return scopes
