"""Generated secrets, which are kept in the engine's state alone, encrypted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from pilothouse.services.generated_secrets import SecretKind, asked_rotations, generate_missing


class SecretsProvider(ResourceProvider):
    """Generates missing values; existing ones change only by `rotations`.

    That is there only while it is asked for.
    """

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(secrets.token_hex(8), _complete(props, {}))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        rotations = olds.get("rotations")
        return DiffResult(
            changes=olds["kinds"] != news["kinds"] or news.get("rotations", rotations) != rotations
        )

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_complete(news, olds["values"]))


def _complete(props: dict[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """`revision` changes with the values, without revealing them."""
    values = generate_missing(props["kinds"], known, anew=props.get("rotations", ()))
    return {**props, "values": values, "revision": secrets.token_hex(8)}


class Secrets(Resource, module="pilothouse", name="Secrets"):
    """Named secrets of the given kinds; `values` has them by name."""

    values: pulumi.Output[dict[str, str]]
    revision: pulumi.Output[str]

    def __init__(
        self, name: str, kinds: Mapping[str, SecretKind], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props: dict[str, Any] = {"kinds": dict(kinds), "values": None, "revision": None}
        if rotations := asked_rotations(kinds):
            props["rotations"] = rotations
        hidden = pulumi.ResourceOptions(additional_secret_outputs=["values"])
        super().__init__(
            SecretsProvider(), f"{name}-secrets", props, pulumi.ResourceOptions.merge(opts, hidden)
        )

    def __getitem__(self, name: str) -> pulumi.Output[str]:
        return self.values.apply(lambda values: values[name])
