"""Plants one fault in a stack's manifests, so that a check can show that it sees it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

import yaml

from tests.targets.kubernetes.policies.manifests import Manifest, Manifests, label

GONE = object()
"""In place of a value: without it."""


@dataclass(frozen=True)
class Fault:
    """At `path` in one object, a step a word, stands `value`.

    An object that a ConfigMap describes is named by both: `ConfigMap airflow-files task.yaml`. An
    empty path means the object itself: GONE, or another one beside it.
    """

    where: str
    path: str
    value: Any

    def planted(self, stack: Manifests) -> Manifests:
        """A copy of the stack with the fault."""
        objects: list[Manifest] = copy.deepcopy(list(stack.objects))
        kind, name, *file = self.where.split(" ")
        (there,) = [o for o in objects if label(o) == f"{kind} {name}"]
        if not self.path:
            changed = _without(objects, there) if self.value is GONE else [*objects, self.value]
            return replace(stack, objects=changed)
        _put(there, file[0], self.path, self.value) if file else put(there, self.path, self.value)
        return replace(stack, objects=objects)


def put(there: Any, path: str, value: Any) -> None:
    """Change what stands at `path`; KeyError where the way to it is not there."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(" ")]
    for step in steps:
        there = there[step]
    if value is GONE:
        del there[last]
    elif isinstance(there, list) and last == len(there):
        there.append(value)
    else:
        there[last] = value


def _put(config: Manifest, file: str, path: str, value: Any) -> None:
    described = yaml.safe_load(config["data"][file])
    put(described, path, value)
    config["data"][file] = yaml.safe_dump(described)


def _without(objects: list[Manifest], gone: Manifest) -> list[Manifest]:
    return [each for each in objects if each is not gone]
