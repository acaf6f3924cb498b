"""A stack's objects as YAML files, by the program that also sets it up, without a cluster."""

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
from pilothouse.targets.interface import GeneratedSecrets, Rendering
from pilothouse.targets.shared.dry_run import Outputs, Recorded, Recording, plain, record, revealed

OBJECT, SECRET = "kubernetes:", "kubernetes:core/v1:Secret"
GENERATED = "pulumi-python:dynamic/pilothouse:Secrets"
HEAD = ("apiVersion", "kind", "metadata")
BASIS = (
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

# What other parsers than PyYAML may take for a number or, if it is one letter, for a boolean.
_AMBIGUOUS = re.compile(r"[-+.]*[0-9].*|[yYnN]")


def render(program: Callable[[], object], known: GeneratedSecrets | None) -> Rendering:
    """The objects that `program` asks for: see `pilothouse.targets.interface.Renderer`."""
    answers = _Answers(known)
    graph = record(program, answers)
    objects = [each for each in in_order(graph) if each.type.startswith(OBJECT)]
    manifests = [manifest(each) for each in objects]
    files = {_name(at, each): text(each) for at, each in enumerate(manifests, start=1)}
    return Rendering(
        files=files,
        secrets=None if known is None else answers.secrets,
        placeholders=sorted(answers.placeholders),
        warnings=graph.warnings,
    )


class _Answers(dict[str, Outputs]):
    """Answers like a cluster that takes every object as it is asked for, and generates secrets."""

    def __init__(self, known: GeneratedSecrets | None) -> None:
        super().__init__({GENERATED: self._held_back if known is None else self._generated})
        self._known = known or {}
        self.secrets: dict[str, Mapping[str, str]] = {}
        self.placeholders: set[str] = set()

    def __missing__(self, kind: str) -> Outputs:
        if kind.startswith(OBJECT):
            return lambda _name, _inputs: {}
        raise KeyError(kind)

    def _generated(self, name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        self.secrets[name] = generate_missing(inputs["kinds"], self._known.get(name, {}))
        return _values(self.secrets[name])

    def _held_back(self, name: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        group = name.removesuffix("-secrets")
        values = {key: f"<{group}/{key}>" for key in inputs["kinds"]}
        self.placeholders |= set(values.values())
        return _values(values)


def _values(values: Mapping[str, str]) -> Mapping[str, Any]:
    """With a revision that changes with them, so that pods start anew."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return {"values": values, "revision": digest[:16]}


def in_order(graph: Recording) -> Iterator[Recorded]:
    """Each resource after what it depends on; of those that are free, by `BASIS` first."""
    sorter = TopologicalSorter({each.urn: each.after for each in graph})
    sorter.prepare()
    free: list[tuple[int, str, str, str]] = []
    while sorter.is_active():
        for urn in sorter.get_ready():
            heappush(free, (*_place(graph.resources[urn]), urn))
        urn = heappop(free)[-1]
        sorter.done(urn)
        yield graph.resources[urn]


def _place(resource: Recorded) -> tuple[int, str, str]:
    kind = resource.type.rpartition(":")[2]
    if not resource.type.startswith(OBJECT):
        return -1, kind, resource.name
    if kind in BASIS:
        return BASIS.index(kind), kind, resource.name
    later = WORKLOADS.index(kind) + 1 if kind in WORKLOADS else 0
    return len(BASIS) + later, kind, resource.name


def manifest(resource: Recorded) -> dict[str, Any]:
    """A resource as `kubectl` takes it; the same, whatever order its fields came in.

    PilothouseError where anything but a Secret has something secret in it.
    """
    inputs = dict(resource.inputs)
    if resource.type != SECRET and plain(inputs) != inputs:
        raise PilothouseError(f"{resource.label} has a secret in it, which only a Secret may have")
    shown = revealed(inputs)
    return {**{key: _sorted(shown.pop(key)) for key in HEAD}, **_sorted(shown)}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def text(manifest: Mapping[str, Any]) -> str:
    """An object as YAML that every parser reads alike, longer texts in lines."""
    return yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


class _Dumper(yaml.SafeDumper):
    pass


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else "'" if _AMBIGUOUS.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _name(at: int, manifest: Mapping[str, Any]) -> str:
    return f"{at:03}-{manifest['kind'].lower()}-{manifest['metadata']['name']}.yaml"
