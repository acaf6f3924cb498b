"""How the consoles of a public platform are exposed."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from pilothouse.config.platform_spec import HOST_NAME
from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.targets.kubernetes.settings.base import Annotations, Name, Peer

Host = Annotated[
    str,
    StringConstraints(max_length=253, pattern=HOST_NAME),
    Field(json_schema_extra=rule("a full host name in lower case, such as mlflow.example.org")),
]


class IngressSettings(Section):
    """An Ingress with TLS for each console."""

    class_name: Name = Field(description="The IngressClass of the Ingresses.")
    tls_secret: Name | None = Field(
        default=None,
        description="The Secret of the namespace with the certificate and the key of both hosts. "
        "cert-manager creates it if an annotation requests that.",
    )
    default_certificate: bool = Field(
        default=False,
        description="Serve with the ingress controller's default certificate, such as a wildcard "
        "of the company, in place of `tlsSecret`.",
    )
    annotations: Annotations = Field(
        default_factory=dict, description="Annotations of each Ingress, for the ingress controller."
    )

    @model_validator(mode="after")
    def _check_certificate(self) -> Self:
        if self.tls_secret and self.default_certificate:
            remedy = "remove it, or remove defaultCertificate"
            found = f"{shown(self.tls_secret)} with defaultCertificate: true"
            raise refusal(key="tlsSecret", found=found, remedy=remedy)
        if not self.tls_secret and not self.default_certificate:
            raise refusal(
                key="tlsSecret",
                found="nothing",
                remedy="add it, or set defaultCertificate: true if the ingress controller has "
                "a certificate of both hosts",
            )
        return self


class GatewaySettings(Section):
    """The listener of a Gateway that an HTTPRoute for each console attaches to."""

    name: Name = Field(description="The name of the Gateway.")
    namespace: Name = Field(description="The namespace of the Gateway.")
    section_name: Name = Field(description="The name of the listener, which terminates TLS.")


class ConsoleHosts(Section):
    """The host of each console. Separate hosts keep cookies and paths apart."""

    mlflow: Host = Field(description="The host of MLflow's console.")
    airflow: Host = Field(description="The host of Airflow's console.")

    @model_validator(mode="after")
    def _check_separate(self) -> Self:
        if self.mlflow == self.airflow:
            remedy = "give each console a host of its own"
            raise refusal(key="airflow", found=f"the host of mlflow, {self.airflow}", remedy=remedy)
        return self


class ExposureSettings(Section):
    """Exposure by Ingress or by Gateway, and the controller's pods."""

    hosts: ConsoleHosts | None = Field(
        default=None,
        description="The consoles' hosts, for which a certificate or DNS entries exist. By "
        "default `mlflow.` and `airflow.` below `access.host` of the platform.",
    )

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
