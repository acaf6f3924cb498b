"""Plants one fault in a recorded stack, so that a rule can show that it sees it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.targets.aws.policies.stacks import stack_of
from tests.targets.aws.policies.view import Stack, given, listed
from tests.targets.kubernetes.policies.planting import GONE
from tests.targets.suite.recorder import Recorded, Recording

Change = Callable[[Recording], Recording]


@dataclass(frozen=True)
class Fault:
    """`change` makes the graph of `case` a bad one."""

    name: str
    change: Change
    case: str = "minimal"

    def planted(self) -> Stack:
        """The stack with the fault."""
        stack = stack_of(self.case)
        return Stack(stack.plan, self.change(stack.graph))


def at(label: str, path: str, value: Any, case: str = "minimal") -> Fault:
    """At `path` in what a resource is given, a step a word, stands `value`, or GONE.

    A step into a text goes into the JSON that it holds; `@s3:GetObject` steps to the first of its
    statements with that action or name.
    """

    def change(graph: Recording) -> Recording:
        resource = graph.one(label)
        inputs = copy.deepcopy(given(resource))
        return _with(graph, replace(resource, inputs=_put(inputs, path.split(" "), value)))

    return Fault(f"{label} {path}", change, case)


def gone(label: str, case: str = "minimal") -> Fault:
    """The resource is not asked for."""

    def change(graph: Recording) -> Recording:
        urn = graph.one(label).urn
        return replace(graph, resources={k: v for k, v in graph.resources.items() if k != urn})

    return Fault(f"no {label}", change, case)


def told(label: str, case: str = "minimal", **options: Any) -> Fault:
    """The resource is asked for with other options, such as `provider` or `protect`."""
    name = f"{label} {' '.join(options)}"
    return Fault(name, lambda g: _with(g, replace(g.one(label), **options)), case)


def also(kind: str, name: str, inputs: Mapping[str, Any], case: str = "minimal") -> Fault:
    """There is one more resource, of a type such as `aws:s3/bucket:Bucket`."""

    def change(graph: Recording) -> Recording:
        like = next(resource for resource in graph if resource.type.startswith("aws:"))
        urn = f"{like.urn.rpartition('::')[0]}${kind}::{name}"
        return _with(graph, replace(like, urn=urn, type=kind, name=name, inputs=dict(inputs)))

    return Fault(f"also {kind.rpartition(':')[2]} {name}", change, case)


def forgotten(label: str, case: str = "minimal") -> Fault:
    """Nothing waits for the resource."""

    def change(graph: Recording) -> Recording:
        urn = graph.one(label).urn
        cut = {
            resource.urn: replace(resource, dependencies=resource.dependencies - {urn})
            for resource in graph.resources.values()
        }
        return replace(graph, resources=cut)

    return Fault(f"nothing waits for {label}", change, case)


def _with(graph: Recording, resource: Recorded) -> Recording:
    return replace(graph, resources={**graph.resources, resource.urn: resource})


def _put(there: Any, steps: list[str], value: Any) -> Any:
    """`there` with the value in it; KeyError or IndexError where there is no way to it."""
    if isinstance(there, str):
        return json.dumps(_put(json.loads(there), steps, value))
    step: Any = _index(there, steps[0]) if isinstance(there, list) else steps[0]
    if len(steps) > 1:
        there[step] = _put(there[step], steps[1:], value)
    elif value is GONE:
        del there[step]
    elif isinstance(there, list) and step == len(there):
        there.append(value)
    else:
        there[step] = value
    return there


def _index(statements: list[Any], step: str) -> int:
    if not step.startswith("@"):
        return int(step)
    named = [
        step[1:] in [statement.get("Sid"), *listed(statement.get("Action"))]
        for statement in statements
    ]
    return named.index(True)
