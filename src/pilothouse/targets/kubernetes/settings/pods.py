"""Settings of pods: of all pods of a stack, and of one component's."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pilothouse.config.quantities import Cpu, Memory
from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import one_of, shown
from pilothouse.targets.kubernetes.settings.affinity import Affinity
from pilothouse.targets.kubernetes.settings.base import (
    SUBDOMAIN,
    Annotations,
    Destination,
    Name,
)
from pilothouse.targets.kubernetes.settings.component_table import COMPONENTS, OPTIONAL_PORTS
from pilothouse.targets.kubernetes.settings.environment import Environment
from pilothouse.targets.kubernetes.settings.paths import FreePath


class Toleration(Section):
    """A toleration of a node's taint, as in a pod's `tolerations`."""

    key: str | None = Field(default=None, min_length=1, description="The taint's key.")
    operator: Literal["Equal", "Exists"] | None = Field(
        default=None, description="`Equal` needs a value, `Exists` none."
    )
    value: str | None = Field(default=None, description="The taint's value.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="The taint's effect. By default all effects are tolerated."
    )


NVIDIA = "nvidia.com/gpu"  # as NVIDIA's device plugin names it


class GpuSettings(Section):
    """The GPUs of the cluster's nodes."""

    resource: str = Field(
        default=NVIDIA,
        pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        max_length=253,
        json_schema_extra=rule("a name with its domain, such as amd.com/gpu"),
        description="The resource that the device plugin advertises. Pods of the workload request "
        "`compute.gpus` of it.",
    )


class PodSettings(Section):
    """The scheduling, the environment and the annotations of pods."""

    node_selector: dict[str, str] = Field(
        default_factory=dict, description="The labels that nodes must have to run the pods."
    )
    tolerations: list[Toleration] = Field(
        default_factory=list, description="The taints of nodes that the pods tolerate."
    )
    affinity: Affinity | None = Field(
        default=None, description="Rules of node and pod affinity, as in a pod's `affinity`."
    )
    runtime_class_name: str | None = Field(
        default=None,
        pattern=rf"^{SUBDOMAIN}$",
        max_length=253,
        description="The RuntimeClass of the pods, such as nvidia or gvisor. By default the "
        "cluster's own runtime.",
    )
    env: Environment = Field(
        default_factory=dict,
        description="Additional environment variables. Secrets belong into `envFrom`.",
    )
    pod_annotations: Annotations = Field(
        default_factory=dict, description="Annotations of the pods."
    )


class ObjectName(Section):
    """A reference to an object in the stack's namespace."""

    name: Name = Field(description="The name of the object.")


class EnvSource(Section):
    """A ConfigMap or a Secret whose keys become environment variables."""

    config_map_ref: ObjectName | None = Field(default=None, description="The ConfigMap.")
    secret_ref: ObjectName | None = Field(default=None, description="The Secret.")

    @model_validator(mode="after")
    def _check_one_source(self) -> Self:
        _require_one({"configMapRef": self.config_map_ref, "secretRef": self.secret_ref})
        return self


class Volume(Section):
    """An existing object of the namespace, mounted in every container of the component."""

    path: FreePath = Field(description="The path that it is mounted at.")
    config_map: Name | None = Field(default=None, max_length=50, description="A ConfigMap.")
    secret: Name | None = Field(default=None, max_length=50, description="A Secret.")
    claim: Name | None = Field(default=None, max_length=50, description="A PersistentVolumeClaim.")
    key: str = Field(
        default="", pattern=r"^[-\w.]*$", description="The one key to mount as the file `path`."
    )

    @model_validator(mode="after")
    def _check_one_source(self) -> Self:
        _require_one({"configMap": self.config_map, "secret": self.secret, "claim": self.claim})
        return self


def _require_one(choices: dict[str, object]) -> None:
    named = [choice for choice, value in choices.items() if value is not None]
    if len(named) != 1:
        found = " and ".join(named) or "none of them"
        raise refusal(found=found, remedy=f"name one of {', '.join(choices)}")


class Amounts(Section):
    """Amounts of CPU and memory. Unset amounts are those of the platform's size."""

    cpu: Cpu | None = Field(default=None, description="Cores, such as 250m.")
    memory: Memory | None = Field(default=None, description="Bytes, such as 512Mi.")


class ResourceSettings(Section):
    """Requests and limits of a component's container."""

    requests: Amounts = Field(
        default_factory=Amounts, description="What a node reserves for the container."
    )
    limits: Amounts = Field(
        default_factory=Amounts, description="What the container may use at most."
    )

    @model_validator(mode="after")
    def _check_limits(self) -> Self:
        for kind, unit in (("cpu", "m"), ("memory", "Mi")):
            request, limit = getattr(self.requests, kind), getattr(self.limits, kind)
            if request is not None and limit is not None and limit < request:
                raise refusal(
                    key="limits",
                    found=f"{kind} {limit}{unit} below the request of {request}{unit}",
                    remedy="raise the limit, or lower the request",
                )
        return self


class ComponentSettings(PodSettings):
    """Settings of one component's pods. Its node labels, tolerations, variables and annotations
    add to those of all pods; its affinity and its runtime class replace theirs."""

    env_from: list[EnvSource] = Field(
        default_factory=list,
        description="ConfigMaps and Secrets of the namespace whose keys become environment "
        "variables. Variables that the target sets take precedence.",
    )
    volumes: list[Volume] = Field(
        default_factory=list, description="ConfigMaps, Secrets and PersistentVolumeClaims to mount."
    )
    resources: ResourceSettings = Field(
        default_factory=ResourceSettings,
        description="Requests and limits in place of those of the size.",
    )
    shared_memory: Memory | None = Field(
        default=None,
        description="The size of `/dev/shm`, such as 2Gi, which counts towards the memory limit of "
        "the container. By default that of the container runtime, usually 64Mi.",
    )
    service_account_annotations: Annotations = Field(
        default_factory=dict,
        description="Annotations of the service account, such as a cloud's role.",
    )
    egress: list[Destination] = Field(
        default_factory=list,
        description="Destinations outside the namespace that the pods may connect to.",
    )

    @model_validator(mode="after")
    def _check_shared_memory(self) -> Self:
        limit = self.resources.limits.memory
        if self.shared_memory and (limit is None or limit <= self.shared_memory):
            found = f"{limit}Mi" if limit else "nothing"
            raise refusal(
                key=("resources", "limits", "memory"),
                found=f"{found}, with sharedMemory of {self.shared_memory}Mi",
                remedy="set it to what the container uses, with its shared memory added",
            )
        return self

    def over(self, common: PodSettings) -> "ComponentSettings":
        """These settings merged over those of all pods."""
        return self.model_copy(
            update={
                "node_selector": {**common.node_selector, **self.node_selector},
                "tolerations": [*common.tolerations, *self.tolerations],
                "affinity": self.affinity or common.affinity,
                "runtime_class_name": self.runtime_class_name or common.runtime_class_name,
                "env": {**common.env, **self.env},
                "pod_annotations": {**common.pod_annotations, **self.pod_annotations},
            }
        )


def _check_components(components: dict[str, ComponentSettings]) -> dict[str, ComponentSettings]:
    names = [*COMPONENTS, *OPTIONAL_PORTS]
    for name in components:
        if name not in names:
            raise refusal(key=name, found=shown(name), remedy=one_of(name, names))
    return components


Components = Annotated[dict[str, ComponentSettings], AfterValidator(_check_components)]
"""Settings by the name of the component."""
