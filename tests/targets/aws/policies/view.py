"""A recorded stack as rules ask of it: what each resource is given, and what its texts say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pilothouse.plan import Plan
from tests.targets.suite.recorder import Recorded, Recording, revealed

AWS = "aws:"
MWAA_JOBS = "dags/pilothouse_workload.json"
"""The key of the requests that MWAA's DAG of the built-in workload makes."""


@dataclass(frozen=True)
class Stack:
    """What a program asked for, and the plan that it had."""

    plan: Plan
    graph: Recording

    @property
    def resources(self) -> list[Recorded]:
        """Every resource of AWS's."""
        return [resource for resource in self.graph if resource.type.startswith(AWS)]

    def kind(self, *kinds: str) -> list[Recorded]:
        """The resources of these kinds, such as `Bucket`."""
        return [resource for resource in self.resources if kind(resource) in kinds]

    def find(self, label: str) -> Recorded | None:
        """One resource by its label, such as `Bucket data`; None where there is none."""
        return next((resource for resource in self.resources if resource.label == label), None)

    def by(self, kind: str, key: str, value: str) -> Recorded | None:
        """The resource of a kind that is given `value` as `key`."""
        return next(
            (resource for resource in self.kind(kind) if given(resource).get(key) == value), None
        )

    def by_id(self, kind: str, identity: str) -> Recorded | None:
        """The resource of a kind by its id, which in a recording is its logical name."""
        return self.find(f"{kind} {identity}")


def kind(resource: Recorded) -> str:
    """The last part of its type, such as `Bucket`."""
    return resource.type.rpartition(":")[2]


def given(resource: Recorded) -> dict[str, Any]:
    """Its inputs, with what is in secrets."""
    return dict(revealed(dict(resource.inputs)))


def listed(value: Any) -> list[Any]:
    """IAM takes one value in place of a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def jobs(stack: Stack) -> list[Mapping[str, Any]]:
    """The requests for SageMaker's jobs, in MWAA's file or in the pipelines' definitions."""
    found: list[Mapping[str, Any]] = []
    for resource in stack.kind("BucketObjectv2"):
        if given(resource)["key"] == MWAA_JOBS:
            found += [job["config"] for job in json.loads(given(resource)["content"])]
    for resource in stack.kind("Pipeline"):
        steps = json.loads(given(resource)["pipelineDefinition"])["Steps"]
        found += [step["Arguments"] for step in steps]
    return found


def image(job: Mapping[str, Any]) -> str:
    """The image that a job runs."""
    known = {**job.get("AppSpecification", {}), **job.get("AlgorithmSpecification", {})}
    return str(known.get("ImageUri") or known.get("TrainingImage"))


def network(job: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """The network that a job is in; empty where it is in SageMaker's own."""
    found: Mapping[str, list[str]] = (
        job.get("VpcConfig") or job.get("NetworkConfig", {}).get("VpcConfig") or {}
    )
    return found


def machine(job: Mapping[str, Any]) -> Mapping[str, Any]:
    """The machine that a job is on."""
    found: Mapping[str, Any] = (
        job.get("ResourceConfig") or job.get("ProcessingResources", {}).get("ClusterConfig") or {}
    )
    return found


def every_key(value: Any) -> Iterator[tuple[str, Any]]:
    """Each key at any depth, with what stands there; texts that are JSON are looked into."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, Mapping):
        yield from value.items()
    inner = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, Mapping | list):
        for item in inner:
            yield from every_key(item)
