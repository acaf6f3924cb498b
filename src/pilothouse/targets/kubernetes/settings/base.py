"""The types of value that the sections of the settings share."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_DOMAIN = r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?"
_QUALIFIED = re.compile(rf"{_DOMAIN}/[A-Za-z0-9]([-\w.]{{0,61}}[A-Za-z0-9])?", re.ASCII)


def normalize_network(text: str) -> str:
    """`text` as a network in CIDR notation; raises a refusal if it is none."""
    try:
        return str(ip_network(text))
    except ValueError as error:
        remedy = "write a network such as 10.0.0.1/32"
        raise refusal(found=shown(text), remedy=f"{remedy}: {error}") from error


def _check_domains(annotations: Mapping[str, str]) -> Mapping[str, str]:
    for name in annotations:
        if not _QUALIFIED.fullmatch(name):
            remedy = "write a name with its domain, such as example.org/team"
            raise refusal(key=name, found=shown(name), remedy=remedy)
    return annotations


Port = Annotated[int, Field(ge=1, le=65535)]
Network = Annotated[
    str,
    AfterValidator(normalize_network),
    Field(json_schema_extra=rule("a network such as 10.0.0.1/32")),
]
Name = Annotated[
    str,
    StringConstraints(pattern=LABEL),
    Field(json_schema_extra=rule("a lower-case name of letters, digits and dashes")),
]
"""The name of an object that must be a DNS label."""
Annotations = Annotated[dict[str, str], AfterValidator(_check_domains)]
"""Annotations of an object, whose keys have a domain; the target's own keys have none."""


class Destination(Section):
    """A destination outside the namespace that pods may connect to."""

    cidr: Network = Field(description="The network, such as 192.0.2.10/32.")
    port: Port = Field(default=443, description="The TCP port.")


class Peer(Section):
    """A client outside the namespace that the network policies allow."""

    namespace: Name | None = Field(default=None, description="The namespace of the client's pods.")
    pod_labels: dict[str, str] = Field(
        default_factory=dict,
        description="The labels of the client's pods. By default all pods of the namespace.",
    )
    cidr: Network | None = Field(
        default=None,
        description="The network of a client that is no pod, such as a cloud's load balancer.",
    )

    @model_validator(mode="after")
    def _check_one_kind(self) -> Self:
        if (self.namespace is None) == (self.cidr is None):
            found = "neither" if self.cidr is None else "both"
            raise refusal(found=found, remedy="name one of namespace, cidr")
        if self.cidr and self.pod_labels:
            raise refusal(key="podLabels", found="labels with a cidr", remedy="remove them")
        return self

    def manifest(self) -> dict[str, Any]:
        """The peer in a NetworkPolicy."""
        if self.cidr:
            return {"ipBlock": {"cidr": self.cidr}}
        namespace = {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}
        pods = {"podSelector": {"matchLabels": self.pod_labels}} if self.pod_labels else {}
        return {"namespaceSelector": namespace, **pods}
