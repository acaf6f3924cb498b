"""IAM's documents as statements, and what they let a role do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.targets.aws.policies.view import Stack, given, listed
from tests.targets.suite.recorder import Recorded

WILD = "*"


@dataclass(frozen=True)
class Statement:
    """A statement of a document, and the label of the resource that it stands in."""

    source: str
    said: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it is no denial."""
        return bool(self.said["Effect"] == "Allow")

    @property
    def actions(self) -> list[str]:
        """What it is about."""
        return listed(self.said.get("Action"))

    @property
    def resources(self) -> list[str]:
        """What that may be done with."""
        return listed(self.said.get("Resource"))

    @property
    def services(self) -> list[str]:
        """The services that it is about, where it is a trust or the policy of a resource."""
        principal = self.said.get("Principal")
        return listed(principal.get("Service")) if isinstance(principal, dict) else []

    def condition(self, operator: str, key: str) -> list[str]:
        """The values that a condition takes."""
        return listed(self.said.get("Condition", {}).get(operator, {}).get(key))

    def covers(self, action: str, resource: str) -> bool:
        """Whether it speaks of that action on that resource."""
        return any(fnmatchcase(action, item) for item in self.actions) and any(
            fnmatchcase(resource, item) for item in self.resources
        )


def of(resource: Recorded, key: str) -> list[Statement]:
    """The statements of the document that a resource is given as `key`."""
    document = json.loads(given(resource)[key])
    return [Statement(resource.label, said) for said in listed(document["Statement"])]


def permissions(stack: Stack) -> Iterator[Statement]:
    """Every statement of what a role may do."""
    for resource in stack.kind("RolePolicy", "Policy"):
        yield from of(resource, "policy")


def trusts(stack: Stack) -> Iterator[Statement]:
    """Every statement of who may take a role."""
    for resource in stack.kind("Role"):
        yield from of(resource, "assumeRolePolicy")


def of_resources(stack: Stack) -> Iterator[Statement]:
    """Every statement of a bucket's or a key's own policy."""
    for resource in stack.kind("BucketPolicy", "Key"):
        yield from of(resource, "policy")


def of_role(stack: Stack, name: str) -> list[Statement]:
    """What the role of that physical name may do."""
    policies = [
        resource for resource in stack.kind("RolePolicy") if given(resource)["role"] == name
    ]
    return [statement for item in policies for statement in of(item, "policy")]


def may(stack: Stack, role: str, action: str, resource: str, *, via: str = "") -> bool:
    """Whether the role may do that; `via`: by way of a service's host, as keys are used."""
    found = [item for item in of_role(stack, role) if item.covers(action, resource)]
    if any(not item.allows for item in found):
        return False
    hosts = [item.condition("StringEquals", "kms:ViaService") for item in found]
    return any(not via or not named or via in named for named in hosts)
