"""The provider answers as OpenID Connect says, and what the preflight finds wrong with a client."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from pilothouse.config.oidc import Oidc
from pilothouse.services.oidc import DISCOVERY, find_fault
from testkit.identity_provider import IdentityProvider, identity_provider

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with identity_provider({"ann@example.org": ["staff"]}, ["http://127.0.0.1:1/"]) as running:
        yield running


def client_of(provider: IdentityProvider, **changed: object) -> Oidc:
    given = {"issuer": provider.issuer, "clientId": provider.client, "roles": {"user": ["staff"]}}
    return Oidc.model_validate({**given, **changed})


def test_it_says_who_it_is(provider: IdentityProvider) -> None:
    document = httpx.get(provider.issuer + DISCOVERY, trust_env=False).json()
    assert document["issuer"] == provider.issuer
    assert "groups" in document["scopes_supported"]


def test_a_known_client_has_no_fault(provider: IdentityProvider) -> None:
    assert find_fault(client_of(provider), provider.secret, "") is None


@pytest.mark.parametrize(("client", "secret"), [("pilothouse", "wrong"), ("other", "")])
def test_a_wrong_secret_and_an_unknown_client_are_named(
    provider: IdentityProvider, client: str, secret: str
) -> None:
    fault = find_fault(client_of(provider, clientId=client), secret or provider.secret, "")
    assert fault
    assert fault.found == f"refuses the client {client!r} with its secret: invalid_client"


def test_an_issuer_that_is_not_to_the_character_the_providers_is_named(
    provider: IdentityProvider,
) -> None:
    fault = find_fault(client_of(provider, issuer=provider.issuer + "/"), provider.secret, "")
    assert fault
    assert fault.found == f"calls itself {provider.issuer}"


@pytest.mark.parametrize("path", ["/profile", ":1"])
def test_what_is_no_provider_is_named(provider: IdentityProvider, path: str) -> None:
    issuer = provider.issuer + path if path[0] == "/" else "http://localhost:1"
    fault = find_fault(client_of(provider, issuer=issuer), provider.secret, "")
    assert fault
    assert fault.found.startswith("does not answer as a provider of OpenID Connect")
