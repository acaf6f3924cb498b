"""A thing of the cloud as a resource of Pulumi's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from pilothouse_toy.cloud import Cloud

IDENTITY = ("folder", "name")


class ThingProvider(ResourceProvider):
    """Makes, reads and removes things; a name can't be changed."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        Cloud(Path(props["folder"])).create(props["name"], _thing(props))
        return CreateResult(props["name"], props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        found = Cloud(Path(props["folder"])).read(id_)
        return ReadResult(id_ if found else "", {**props, **(found or {})})

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = [key for key in news if olds.get(key) != news[key]]
        replaces = [key for key in changed if key in IDENTITY]
        return DiffResult(changes=bool(changed), replaces=replaces)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        Cloud(Path(news["folder"])).create(news["name"], _thing(news))
        return UpdateResult(news)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        Cloud(Path(props["folder"])).delete(props["name"])


def _thing(props: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": props["kind"], "labels": props["labels"]}


class Thing(Resource, module="toy", name="Thing"):
    """A thing of a kind, with labels."""

    def __init__(
        self,
        logical_name: str,
        *,
        folder: str,
        name: str,
        kind: str,
        labels: Mapping[str, str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"folder": folder, "name": name, "kind": kind, "labels": dict(labels)}
        super().__init__(ThingProvider(), logical_name, props, opts)
