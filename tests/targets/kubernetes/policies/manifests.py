"""The objects of a recorded graph as their manifests, and the pods that come of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import isfunction
from types import ModuleType
from typing import Any

import yaml
from testkit.fake_providers.kubernetes.tokens import Kind

from pilothouse.targets.kubernetes.settings.target import KubernetesSettings
from tests.targets.suite.recorder import Recorded, Recording, revealed

Manifest = dict[str, Any]

POD_OF = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where the pod stands in each kind that makes one."""

LONG_RUNNING = ("Deployment", "StatefulSet")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod that an object makes, or that a file of a ConfigMap describes for Airflow.

    source: the object's label, such as `Deployment mlflow`, and the file's name.
    """

    source: str
    kind: str
    metadata: Manifest
    spec: Manifest

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return self.metadata.get("labels") or {}

    @property
    def containers(self) -> list[Manifest]:
        """Every container of it."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def volumes(self) -> list[Manifest]:
        """Its volumes."""
        return list(self.spec.get("volumes") or [])


@dataclass(frozen=True)
class Manifests:
    """The objects of a stack, the settings that it has, and what of the user's these name."""

    objects: Sequence[Manifest]
    settings: KubernetesSettings = field(default_factory=KubernetesSettings)

    @cached_property
    def theirs(self) -> list[Manifest]:
        """The user's own objects, which are there before the stack."""
        return [
            {
                "kind": each.kind,
                "metadata": {"name": each.name},
                "data": dict.fromkeys(each.keys, ""),
            }
            for each in self.settings.external_objects()
        ]

    def openings(self, component: str) -> Sequence[str]:
        """The servers that are declared for a client."""
        return self.settings.allowed_connections().get(component, ())

    def kind(self, *kinds: str) -> list[Manifest]:
        """The objects of these kinds."""
        return [each for each in self.objects if each["kind"] in kinds]

    def names(self, *kinds: str) -> set[str]:
        """The names of the objects of these kinds."""
        return {each["metadata"]["name"] for each in self.kind(*kinds)}

    def named(self, kind: str, name: str) -> Manifest | None:
        """One object, which may be the user's own; None where there is none."""
        both = [*self.kind(kind), *(each for each in self.theirs if each["kind"] == kind)]
        return next((o for o in both if o["metadata"]["name"] == name), None)

    @cached_property
    def pods(self) -> list[Pod]:
        """Every pod that may come of the objects."""
        return [*self._made(), *self._described()]

    def selected(self, selector: Mapping[str, str]) -> list[Pod]:
        """The pods that carry all of these labels."""
        return [pod for pod in self.pods if selector.items() <= pod.labels.items()]

    def _made(self) -> Iterator[Pod]:
        for each in self.kind(*POD_OF):
            template = each
            for step in POD_OF[each["kind"]]:
                template = template[step]
            yield Pod(
                source=label(each),
                kind=each["kind"],
                metadata=template.get("metadata") or {},
                spec=template["spec"],
            )

    def _described(self) -> Iterator[Pod]:
        for config in self.kind("ConfigMap"):
            for name, pod in pods_in(config).items():
                yield Pod(
                    source=f"{label(config)} {name}",
                    kind="ConfigMap",
                    metadata=pod.get("metadata") or {},
                    spec=pod["spec"],
                )


def label(manifest: Mapping[str, Any]) -> str:
    """Its kind and its name, such as `Service mlflow`."""
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def manifest_of(resource: Recorded) -> Manifest:
    """The object that a request for a `kubernetes:*` resource asks for, its secrets in clear."""
    kind = Kind.of(resource.type)
    return {"apiVersion": kind.api_version, "kind": kind.name, **revealed(dict(resource.inputs))}


def objects_in(graph: Recording) -> list[Recorded]:
    """The requests for objects of a cluster."""
    return [each for each in graph if each.type.startswith("kubernetes:")]


def manifests_of(graph: Recording, settings: KubernetesSettings | None = None) -> Manifests:
    """The manifests of all objects that a graph asks for, with the settings that it was made of."""
    objects = [manifest_of(each) for each in objects_in(graph)]
    return Manifests(objects, settings or KubernetesSettings())


def pods_in(config: Mapping[str, Any]) -> dict[str, Manifest]:
    """The pods that files of a ConfigMap describe, by file."""
    files = {name: text for name, text in (config.get("data") or {}).items() if ".yaml" in name}
    read = {name: yaml.safe_load(text) for name, text in files.items()}
    return {
        name: document
        for name, document in read.items()
        if isinstance(document, dict) and document.get("kind") == "Pod"
    }


def ports_of(pod: Pod) -> dict[Any, int]:
    """The numbers of the ports that its containers serve, by number and by name."""
    ports = [port for container in pod.containers for port in container.get("ports") or []]
    named = {port["name"]: port["containerPort"] for port in ports if "name" in port}
    return {**{port["containerPort"]: port["containerPort"] for port in ports}, **named}


def checks_of(module: ModuleType) -> list[Any]:
    """The public functions of a module that yield what is amiss."""
    own = [
        each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__
    ]
    return [
        each
        for each in own
        if isfunction(each)
        and not each.__name__.startswith("_")
        and each.__annotations__.get("return") == "Iterator[str]"
    ]
