"""How a public platform's consoles are served: what the stack file says of it."""

from typing import Self

from pydantic import Field, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.targets.kubernetes.settings.base import Annotations, Name, Peer


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


class ExposureSettings(Section):
    """By Ingress or by Gateway, and who that is."""

    ingress: IngressSettings | None = Field(default=None, description="By Ingresses.")
    gateway: GatewaySettings | None = Field(default=None, description="By HTTPRoutes.")
    controller: Peer = Field(description="What calls the consoles' pods then.")

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if (self.ingress is None) == (self.gateway is None):
            found = "neither" if self.gateway is None else "both"
            raise refusal(found=found, remedy="name one of ingress, gateway")
        return self
