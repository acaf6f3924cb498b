"""How the consoles of a public platform are exposed."""

from typing import Self

from pydantic import Field, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.targets.kubernetes.settings.base import Annotations, Name, Peer


class IngressSettings(Section):
    """An Ingress with TLS for each console."""

    class_name: Name = Field(description="The IngressClass of the Ingresses.")
    tls_secret: Name = Field(
        description="The Secret of the namespace with the certificate and the key of both hosts. "
        "cert-manager creates it if an annotation requests that."
    )
    annotations: Annotations = Field(
        default_factory=dict, description="Annotations of each Ingress, for the ingress controller."
    )


class GatewaySettings(Section):
    """The listener of a Gateway that an HTTPRoute for each console attaches to."""

    name: Name = Field(description="The name of the Gateway.")
    namespace: Name = Field(description="The namespace of the Gateway.")
    section_name: Name = Field(description="The name of the listener, which terminates TLS.")


class ExposureSettings(Section):
    """Exposure by Ingress or by Gateway, and the controller's pods."""

    ingress: IngressSettings | None = Field(default=None, description="Expose by Ingresses.")
    gateway: GatewaySettings | None = Field(
        default=None, description="Expose by HTTPRoutes of a Gateway."
    )
    controller: Peer = Field(
        description="The pods or the network of the controller, which connects to the consoles."
    )

    @model_validator(mode="after")
    def _check_one_kind(self) -> Self:
        if (self.ingress is None) == (self.gateway is None):
            found = "neither" if self.gateway is None else "both"
            raise refusal(found=found, remedy="name one of ingress, gateway")
        return self
