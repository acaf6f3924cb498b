"""Objects of any kind as resources of the official provider, from the fields of their manifests.

The SDK's classes ask the engine for the same. Their modules describe each field of every kind, and
take longer to import than the engine takes to compare all objects of a stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.targets.kubernetes.clients.kinds import SECRET

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.kinds import Kind

SECRET_FIELDS = ("data", "stringData")
"""The fields of a Secret that the engine encrypts in its state, as inputs and as outputs."""


class KubernetesObject(pulumi.CustomResource):
    """An object of `kind`; `name` is that of the resource, the object's is in its `metadata`.

    `fields` are those of its manifest beside `apiVersion` and `kind`.
    """

    metadata: pulumi.Output[dict[str, Any]]

    def __init__(
        self,
        kind: Kind,
        name: str,
        fields: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        hidden = SECRET_FIELDS if kind == SECRET else ()
        secret = {key: pulumi.Output.secret(fields[key]) for key in hidden if key in fields}
        super().__init__(
            resource_type(kind),
            name,
            {"apiVersion": kind.api_version, "kind": kind.name, **fields, **secret},
            pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(additional_secret_outputs=list(hidden))
            ),
        )


def resource_type(kind: Kind) -> str:
    """The type of the provider's resource, such as `kubernetes:core/v1:Secret`."""
    version = kind.api_version if kind.group else f"core/{kind.api_version}"
    return f"kubernetes:{version}:{kind.name}"
