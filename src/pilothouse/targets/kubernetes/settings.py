"""The `kubernetes` target's own settings, under `pilothouse:kubernetes` in the stack file."""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from pilothouse.errors import shown
from pilothouse.validation import refusal

Role = Literal["postgres", "seaweedfs", "mlflow", "airflow", "workload"]

_LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
_DIGEST = "@sha256:[0-9a-f]{64}"
_REFERENCE = rf"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?(:[\w.-]+({_DIGEST})?|{_DIGEST})$"


def _not_reserved(name: str) -> str:
    if name.startswith("kube-") or name == "default":
        remedy = "name one that is this stack's alone"
        raise refusal(found=shown(name), remedy=f"{remedy}: it goes when the stack goes")
    return name


def _is_network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        remedy = "write a network such as 10.0.0.1/32"
        raise refusal(found=shown(text), remedy=f"{remedy}: {error}") from error


Reference = Annotated[
    str,
    StringConstraints(pattern=_REFERENCE, max_length=500),
    Field(
        json_schema_extra={
            "patternErrorMessage": "an image with its tag, its digest or both, in lower case"
        }
    ),
]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """A part of the settings: camelCase keys, strict types, nothing unknown."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, strict=True
    )


class ClusterDns(Section):
    """Where the cluster's DNS runs, for the policies that let pods ask it."""

    namespace: str = Field(default="kube-system", pattern=_LABEL, description="Its namespace.")
    pod_labels: dict[str, str] = Field(
        default_factory=lambda: {"k8s-app": "kube-dns"}, description="The labels of its pods."
    )
    port: Port = Field(default=53, description="The port of its pods, not of its service.")


class ApiServer(Section):
    """Where the cluster's API is, for the policies of what calls it."""

    cidr: Annotated[str, AfterValidator(_is_network)] = Field(
        description="The network of the API server's own addresses, not of its service."
    )
    port: Port = Field(default=6443, description="The port that it listens on.")


class Toleration(Section):
    """A taint of nodes that pods put up with, in Kubernetes' own words."""

    key: str | None = Field(default=None, min_length=1, description="The taint's key.")
    operator: Literal["Equal", "Exists"] | None = Field(
        default=None, description="`Equal` needs a value, `Exists` none."
    )
    value: str | None = Field(default=None, description="The taint's value.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="The taint's effect; all of them unless one is named."
    )


class KubernetesSettings(Section):
    """Which cluster a stack is on, and what differs there.

    The kubeconfig is the one that kubectl would use: `KUBECONFIG`, then `~/.kube/config`.
    """

    context: str | None = Field(
        default=None,
        min_length=1,
        description="The context of the kubeconfig. By default its current one.",
    )
    namespace: Annotated[str, AfterValidator(_not_reserved)] | None = Field(
        default=None,
        pattern=_LABEL,
        description="The stack's own namespace, which is made and removed with it. "
        "By default a name that follows from the names of the platform and the stack.",
    )
    storage_class: str | None = Field(
        default=None,
        min_length=1,
        description="The StorageClass of the volumes. By default the cluster's default one.",
    )
    images: dict[Role, Reference] = Field(
        default_factory=dict,
        description="Images in place of those of images.yaml, by role: "
        "postgres, seaweedfs, mlflow, airflow, workload.",
    )
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] = Field(
        default="IfNotPresent", description="When a node pulls an image."
    )
    image_pull_secrets: list[str] = Field(
        default_factory=list, description="Secrets of the namespace that open a registry."
    )
    node_selector: dict[str, str] = Field(
        default_factory=dict, description="The labels of the nodes that pods may run on."
    )
    tolerations: list[Toleration] = Field(
        default_factory=list, description="The taints of nodes that pods put up with."
    )
    cluster_dns: ClusterDns = Field(
        default_factory=ClusterDns, description="Where the cluster's DNS runs."
    )
    api_server: ApiServer | None = Field(
        default=None,
        description="Where the cluster's API is. By default pods that call it reach ports 443 and "
        "6443 of any address.",
    )
