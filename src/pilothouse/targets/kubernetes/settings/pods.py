"""What a stack file says of pods: of all of them, and of one component's."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.errors import one_of, shown
from pilothouse.targets.kubernetes.objects.network_policies import COMPONENTS, OPTIONAL
from pilothouse.targets.kubernetes.settings.affinity import Affinity
from pilothouse.targets.kubernetes.settings.base import Annotations, Destination, Name
from pilothouse.targets.kubernetes.settings.environment import Environment
from pilothouse.targets.kubernetes.settings.paths import FreePath
from pilothouse.targets.kubernetes.settings.quantities import Cpu, Memory
from pilothouse.targets.kubernetes.settings.sizes import Resources


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


class PodSettings(Section):
    """Where pods run and what they are told."""

    node_selector: dict[str, str] = Field(
        default_factory=dict, description="The labels of the nodes that pods may run on."
    )
    tolerations: list[Toleration] = Field(
        default_factory=list, description="The taints of nodes that pods put up with."
    )
    affinity: Affinity | None = Field(
        default=None, description="Where pods are put, in Kubernetes' own words."
    )
    env: Environment = Field(
        default_factory=dict, description="More environment variables, none of them secret."
    )
    pod_annotations: Annotations = Field(default_factory=dict, description="Annotations of pods.")


class ObjectName(Section):
    """An object of the stack's namespace."""

    name: Name = Field(description="Its name.")


class EnvSource(Section):
    """A ConfigMap or a Secret whose keys become environment variables."""

    config_map_ref: ObjectName | None = Field(default=None, description="The ConfigMap.")
    secret_ref: ObjectName | None = Field(default=None, description="The Secret.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        _one_named({"configMapRef": self.config_map_ref, "secretRef": self.secret_ref})
        return self


class Volume(Section):
    """What the namespace has already, mounted in every container of the component."""

    path: FreePath = Field(description="Where it is mounted.")
    config_map: Name | None = Field(default=None, max_length=50, description="A ConfigMap.")
    secret: Name | None = Field(default=None, max_length=50, description="A Secret.")
    claim: Name | None = Field(default=None, max_length=50, description="A claim of a volume.")
    key: str = Field(
        default="", pattern=r"^[-\w.]*$", description="The one key of it that is the file `path`."
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        _one_named({"configMap": self.config_map, "secret": self.secret, "claim": self.claim})
        return self


def _one_named(choices: dict[str, object]) -> None:
    named = [choice for choice, value in choices.items() if value is not None]
    if len(named) != 1:
        found = " and ".join(named) or "none of them"
        raise refusal(found=found, remedy=f"name one of {', '.join(choices)}")


class Amounts(Section):
    """CPU and memory; what is not named stays as the platform's size says."""

    cpu: Cpu | None = Field(default=None, description="Cores, such as 250m.")
    memory: Memory | None = Field(default=None, description="Bytes, such as 512Mi.")


class ResourceSettings(Section):
    """What a component's container asks of a node, and where it is stopped."""

    requests: Amounts = Field(default_factory=Amounts, description="What is kept for it.")
    limits: Amounts = Field(default_factory=Amounts, description="What it never exceeds.")

    @model_validator(mode="after")
    def _limits_hold_requests(self) -> Self:
        for kind, unit in (("cpu", "m"), ("memory", "Mi")):
            asked, most = getattr(self.requests, kind), getattr(self.limits, kind)
            if asked is not None and most is not None and most < asked:
                raise refusal(
                    key="limits",
                    found=f"{kind} {most}{unit} below the request of {asked}{unit}",
                    remedy="raise the limit, or lower the request",
                )
        return self

    def applied(self, usual: Resources) -> Resources:
        """`usual` with what is named here; an unnamed limit is never below a named request."""
        asked, most = self.requests, self.limits
        cpu, cpu_limit = _pair(usual.cpu, usual.cpu_limit, asked.cpu, most.cpu)
        memory, memory_limit = _pair(usual.memory, usual.memory_limit, asked.memory, most.memory)
        return Resources(cpu, memory, cpu_limit, memory_limit)


def _pair(usual: int, usual_limit: int, own: int | None, own_limit: int | None) -> tuple[int, int]:
    asked = own or min(usual, own_limit or usual)
    return asked, own_limit or max(usual_limit, asked)


class ComponentSettings(PodSettings):
    """What differs for one component's pods. Its node labels, tolerations, variables and
    annotations add to those of all pods; its affinity replaces theirs."""

    env_from: list[EnvSource] = Field(
        default_factory=list,
        description="ConfigMaps and Secrets of the namespace that give more variables. "
        "What the target sets itself goes before them.",
    )
    volumes: list[Volume] = Field(
        default_factory=list, description="ConfigMaps, Secrets and claims that are mounted."
    )
    resources: ResourceSettings = Field(
        default_factory=ResourceSettings, description="In place of what the size says."
    )
    service_account_annotations: Annotations = Field(
        default_factory=dict, description="Annotations of its service account: a cloud's role."
    )
    egress: list[Destination] = Field(
        default_factory=list, description="What its pods may call outside the namespace."
    )

    def over(self, common: PodSettings) -> "ComponentSettings":
        """These settings with those of all pods below them."""
        return self.model_copy(
            update={
                "node_selector": {**common.node_selector, **self.node_selector},
                "tolerations": [*common.tolerations, *self.tolerations],
                "affinity": self.affinity or common.affinity,
                "env": {**common.env, **self.env},
                "pod_annotations": {**common.pod_annotations, **self.pod_annotations},
            }
        )


def _are_components(given: dict[str, ComponentSettings]) -> dict[str, ComponentSettings]:
    known = [*COMPONENTS, *OPTIONAL]
    for name in given:
        if name not in known:
            raise refusal(key=name, found=shown(name), remedy=one_of(name, known))
    return given


Components = Annotated[dict[str, ComponentSettings], AfterValidator(_are_components)]
"""Settings by the name of a component."""
