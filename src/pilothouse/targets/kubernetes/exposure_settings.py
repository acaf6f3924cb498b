"""How a public platform's consoles are served: what the stack file says of it."""

from typing import Any, Self

from pydantic import Field, model_validator

from pilothouse.targets.kubernetes.section import Annotations, Name, Network, Section
from pilothouse.validation import refusal


class IngressSettings(Section):
    """An Ingress for each console, with TLS."""

    class_name: Name = Field(description="The IngressClass that serves them.")
    tls_secret: Name = Field(
        description="The Secret of the namespace with the certificate and the key of both hosts; "
        "cert-manager fills it where an annotation asks for that."
    )
    annotations: Annotations = Field(
        default_factory=dict, description="Annotations of each Ingress, for its controller."
    )


class GatewaySettings(Section):
    """The listener of a Gateway that an HTTPRoute for each console hangs on."""

    name: Name = Field(description="The Gateway.")
    namespace: Name = Field(description="Its namespace.")
    section_name: Name = Field(description="Its listener, which ends TLS.")


class Controller(Section):
    """Whom the policies let in: what serves the Ingresses or the Gateway."""

    namespace: Name | None = Field(default=None, description="The namespace of its pods.")
    pod_labels: dict[str, str] = Field(
        default_factory=dict, description="The labels of its pods; all of the namespace unless set."
    )
    cidr: Network | None = Field(
        default=None, description="Its network, where it is no pod: a cloud's load balancer."
    )

    @model_validator(mode="after")
    def _is_one_place(self) -> Self:
        if (self.namespace is None) == (self.cidr is None):
            found = "neither" if self.cidr is None else "both"
            raise refusal(found=found, remedy="name one of namespace, cidr")
        if self.cidr and self.pod_labels:
            raise refusal(key="podLabels", found="labels with a cidr", remedy="remove them")
        return self

    def peer(self) -> dict[str, Any]:
        """As a NetworkPolicy's peer."""
        if self.cidr:
            return {"ipBlock": {"cidr": self.cidr}}
        namespace = {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}
        pods = {"podSelector": {"matchLabels": self.pod_labels}} if self.pod_labels else {}
        return {"namespaceSelector": namespace, **pods}


class ExposureSettings(Section):
    """By Ingress or by Gateway, and who that is."""

    ingress: IngressSettings | None = Field(default=None, description="By Ingresses.")
    gateway: GatewaySettings | None = Field(default=None, description="By HTTPRoutes.")
    controller: Controller = Field(description="What calls the consoles' pods then.")

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if (self.ingress is None) == (self.gateway is None):
            found = "neither" if self.gateway is None else "both"
            raise refusal(found=found, remedy="name one of ingress, gateway")
        return self
