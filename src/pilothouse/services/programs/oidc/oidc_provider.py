"""The company's OpenID Connect provider, as both consoles use it: who logs in, with which role.

Imported by the services' own interpreters. Authlib makes and checks state, nonce and PKCE, and
checks the ID token's signature, audience and times. PILOTHOUSE_OIDC has JSON: `issuer`,
`client_id`, `scopes`, `groups_claim`, `roles` (lists of groups by role, the highest role first)
and `ca_file` ("" for the usual authorities); PILOTHOUSE_OIDC_CLIENT_SECRET is the client's secret.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client.apps import FlaskOAuth2App

PROVIDER = "oidc"
MARK = "pilothouse-oidc"
"""The role, without a right, of the accounts that logins by the provider make."""
SETTINGS: Mapping[str, Any] = json.loads(os.environ["PILOTHOUSE_OIDC"])
SECRET = os.environ["PILOTHOUSE_OIDC_CLIENT_SECRET"]
TIMEOUT = 10  # seconds
ALGORITHMS = {f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)} | {
    "EdDSA",
    "Ed25519",
}
"""What an ID token may be signed with; neither `none` nor the client's secret."""
EMAIL = re.compile(r"[^@\s:/]{1,64}@[^@\s:/]{1,189}")


class Refused(Exception):
    """Somebody does not get in; the message says why, to the person and in the log."""


@dataclass(frozen=True)
class Person:
    """Somebody whom the provider knows; `role` is "" for who is in none of the groups."""

    email: str
    name: str
    role: str


class Provider(FlaskOAuth2App):  # type: ignore[misc]
    """The provider, whose discovery document must be that of the issuer in platform.yaml."""

    def load_server_metadata(self) -> dict[str, Any]:
        """The discovery document; raises OAuthError where it is of another issuer."""
        metadata: dict[str, Any] = super().load_server_metadata()
        if metadata.get("issuer") != SETTINGS["issuer"]:
            raise OAuthError(
                "wrong_issuer",
                f"the provider calls itself {metadata.get('issuer')}, and access.oidc.issuer in "
                f"platform.yaml is {SETTINGS['issuer']}",
            )
        offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        metadata["id_token_signing_alg_values_supported"] = [
            name for name in offered if name in ALGORITHMS
        ] or ["RS256"]
        return metadata

    def person(self, token: Mapping[str, Any]) -> Person:
        """Who a checked token is about; raises Refused where it does not say that."""
        claims = dict(token.get("userinfo") or {})
        if not claims:
            raise Refused("the provider sent no ID token")
        if "email" not in claims or SETTINGS["groups_claim"] not in claims:
            more = self.userinfo(token=token)
            if more.get("sub") != claims["sub"]:
                raise Refused("the provider's userinfo is about somebody else")
            claims = {**more, **claims}
        email = str(claims.get("email", "")).lower()
        if not EMAIL.fullmatch(email) or str(claims.get("email_verified")).lower() == "false":
            raise Refused("the provider gives no verified e-mail address of this account")
        return Person(email, str(claims.get("name") or email), _role(claims))


def _role(claims: Mapping[str, Any]) -> str:
    given = claims.get(SETTINGS["groups_claim"], [])
    groups = {given} if isinstance(given, str) else {str(group) for group in given}
    return next((role for role, names in SETTINGS["roles"].items() if groups & set(names)), "")


def own_address(path: str, query: str) -> str:
    """The address of a request at this host, whatever host a browser would read in its path."""
    return f"/{quote(path.lstrip('/'))}?{query}"


def no_role(person: Person) -> str:
    """What somebody reads who is in none of the groups."""
    return f"{person.email} is in none of the groups that access.oidc.roles in platform.yaml names"


def registration() -> dict[str, Any]:
    """The arguments of authlib's `OAuth.register`, besides the name."""
    return {
        "client_cls": Provider,
        "client_id": SETTINGS["client_id"],
        "client_secret": SECRET,
        "server_metadata_url": SETTINGS["issuer"].rstrip("/") + "/.well-known/openid-configuration",
        "client_kwargs": {
            "scope": " ".join(SETTINGS["scopes"]),
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
            **({"verify": SETTINGS["ca_file"]} if SETTINGS["ca_file"] else {}),
        },
    }
