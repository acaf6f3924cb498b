"""Renders a stack's objects as YAML files, from the program that deploys it, without a cluster."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from typing import Any

import yaml

from pilothouse.errors import PilothouseError
from pilothouse.services.generated_secrets import generate_missing
from pilothouse.targets.dry_run import Outputs, Recorded, Recording, plain, record, revealed
from pilothouse.targets.interface import GeneratedSecrets, Rendering

OBJECT, SECRET = "kubernetes:", "kubernetes:core/v1:Secret"
GENERATED = "pulumi-python:dynamic/pilothouse:Secrets"
GUARD = "pulumi-python:dynamic/pilothouse:NamespaceGuard"
HEAD = ("apiVersion", "kind", "metadata")
FIRST_KINDS = (
    "Namespace",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "PersistentVolumeClaim",
    "Service",
)
WORKLOADS = ("StatefulSet", "Job", "Deployment", "CronJob")

# Text that YAML parsers may read as a number or, if it is one letter, as a boolean.
_AMBIGUOUS = re.compile(r"[-+.]*[0-9].*|[yYnN]")


def render(program: Callable[[], object], known: GeneratedSecrets | None) -> Rendering:
    """Render the objects that `program` creates: see `pilothouse.targets.interface.Renderer`."""
    answers = _Answers(known)
    graph = record(program, answers)
    objects = [item for item in in_order(graph) if item.type.startswith(OBJECT)]
    manifests = [manifest(item) for item in objects]
    files = {_file_name(index, item): to_yaml(item) for index, item in enumerate(manifests, 1)}
    return Rendering(
        files=files,
        secrets=None if known is None else answers.secrets,
        placeholders=sorted(answers.placeholders),
        warnings=graph.warnings,
    )


class _Answers(dict[str, Outputs]):
    """The outputs of resources: objects as they are requested, and generated secrets."""

    def __init__(self, known: GeneratedSecrets | None) -> None:
        super().__init__({GENERATED: self._placeholders if known is None else self._generated})
        self._known = known or {}
        self.secrets: dict[str, Mapping[str, str]] = {}
        self.placeholders: set[str] = set()

    def __missing__(self, kind: str) -> Outputs:
        if kind == GUARD or kind.startswith(OBJECT):
            return lambda _name, _inputs: {}
        raise KeyError(kind)

    def _generated(self, name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        self.secrets[name] = generate_missing(inputs["kinds"], self._known.get(name, {}))
        return _values(self.secrets[name])

    def _placeholders(self, name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        group = name.removesuffix("-secrets")
        values = {key: f"<{group}/{key}>" for key in inputs["kinds"]}
        self.placeholders |= set(values.values())
        return _values(values)


def _values(values: Mapping[str, str]) -> Mapping[str, Any]:
    """The values, and a revision that changes with them, so that pods restart."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return {"values": values, "revision": digest[:16]}


def in_order(graph: Recording) -> Iterator[Recorded]:
    """Each resource after its dependencies; otherwise by `FIRST_KINDS`, kind and name."""
    sorter = TopologicalSorter({resource.urn: resource.after for resource in graph})
    sorter.prepare()
    free: list[tuple[int, str, str, str]] = []
    while sorter.is_active():
        for urn in sorter.get_ready():
            heappush(free, (*_sort_key(graph.resources[urn]), urn))
        urn = heappop(free)[-1]
        sorter.done(urn)
        yield graph.resources[urn]


def _sort_key(resource: Recorded) -> tuple[int, str, str]:
    kind = resource.type.rpartition(":")[2]
    if not resource.type.startswith(OBJECT):
        return -1, kind, resource.name
    if kind in FIRST_KINDS:
        return FIRST_KINDS.index(kind), kind, resource.name
    later = WORKLOADS.index(kind) + 1 if kind in WORKLOADS else 0
    return len(FIRST_KINDS) + later, kind, resource.name


def manifest(resource: Recorded) -> dict[str, Any]:
    """The manifest of a resource, with its fields in a stable order.

    PilothouseError where an object other than a Secret has a secret value.
    """
    inputs = dict(resource.inputs)
    if resource.type != SECRET and plain(inputs) != inputs:
        raise PilothouseError(f"{resource.label} has a secret value, which only a Secret may have")
    fields = revealed(inputs)
    return {**{key: _sort(fields.pop(key)) for key in HEAD}, **_sort(fields)}


def _sort(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sort(value[key]) for key in sorted(value)}
    return [_sort(item) for item in value] if isinstance(value, list) else value


def to_yaml(manifest: Mapping[str, Any]) -> str:
    """A manifest as YAML that every parser reads alike, with longer texts as blocks."""
    return yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


class _Dumper(yaml.SafeDumper):
    pass


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else "'" if _AMBIGUOUS.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_text)


def _file_name(index: int, manifest: Mapping[str, Any]) -> str:
    return f"{index:03}-{manifest['kind'].lower()}-{manifest['metadata']['name']}.yaml"
