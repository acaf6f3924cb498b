"""What the network policies must know of the cluster itself."""

from pydantic import Field

from pilothouse.config.section import Section
from pilothouse.targets.kubernetes.settings.base import LABEL, Network, Port


class ClusterDns(Section):
    """The cluster's DNS, which the network policies let pods query."""

    namespace: str = Field(
        default="kube-system", pattern=LABEL, description="The namespace of the DNS pods."
    )
    pod_labels: dict[str, str] = Field(
        default_factory=lambda: {"k8s-app": "kube-dns"}, description="The labels of the DNS pods."
    )
    domain: str = Field(
        default="cluster.local",
        pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$",
        description="The domain of the cluster's Services, which no proxy is asked for.",
    )
    port: Port = Field(
        default=53, description="The port of the DNS pods, which may differ from their Service's."
    )


class ApiServer(Section):
    """The API server of the cluster, which the network policies let some components call."""

    cidr: Network = Field(
        description="The network of the API server's own addresses, not of the `kubernetes` "
        "Service."
    )
    port: Port = Field(default=6443, description="The port that the API server listens on.")
