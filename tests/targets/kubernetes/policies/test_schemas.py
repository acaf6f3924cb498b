"""Every object, and every pod that a file describes, held against the SDK's types and schemas."""

from collections.abc import Iterable, Iterator

import pytest
from kubernetes_validate import utils
from testkit.fake_providers.kubernetes import inputs, schemas
from testkit.fake_providers.kubernetes.tokens import Kind

from pilothouse.targets.kubernetes.clients.kinds import HTTP_ROUTE
from pilothouse.targets.kubernetes.operations.preflight import OLDEST_VERSION
from tests.targets.kubernetes.policies.manifests import (
    Manifest,
    Manifests,
    manifest_of,
    objects_in,
    pods_in,
)
from tests.targets.kubernetes.policies.planting import GONE, Fault
from tests.targets.kubernetes.policies.stacks import (
    STACKS,
    Given,
    every_stack,
    graph_of,
    smallest,
    stack_of,
)

VERSIONS = [f"{OLDEST_VERSION[0]}.{OLDEST_VERSION[1]}.0", utils.latest_version()]

every_version = pytest.mark.parametrize("version", VERSIONS)


def documents(stack: Manifests) -> Iterator[Manifest]:
    """The objects, and those that files of ConfigMaps describe."""
    yield from stack.objects
    for config in stack.kind("ConfigMap"):
        yield from pods_in(config).values()


def complaints(objects: Iterable[Manifest], version: str) -> list[str]:
    found = [(each, schemas.problems(each, version)) for each in objects]
    return [
        f"{each['kind']}: {place} {text}" for each, problems in found for place, text in problems
    ]


@every_stack
def test_every_object_is_what_the_sdk_takes(given: Given) -> None:
    graph = graph_of(given)
    assert len(objects_in(graph)) > 50
    for resource in objects_in(graph):
        assert inputs.problems(Kind.of(resource.type), manifest_of(resource)) == []


@every_stack
@every_version
def test_every_object_is_what_kubernetes_takes(given: Given, version: str) -> None:
    assert complaints(documents(stack_of(given)), version) == []


@every_version
def test_the_schemas_know_every_kind(version: str) -> None:
    """Without a schema nothing is said, and a route's belongs to another project."""
    found = [each for given in STACKS for each in documents(stack_of(given))]
    for document in {
        each["kind"]: each for each in found if each["kind"] != HTTP_ROUTE.name
    }.values():
        assert utils.validate(document, version, strict=True) == version[:4]


FAULTS = [
    Fault("Deployment mlflow", "spec replicas", "two"),
    Fault("Service mlflow", "spec prots", []),
    Fault("NetworkPolicy mlflow", "spec policyTypes", "Ingress"),
    Fault("ConfigMap airflow-files task.yaml", "spec container", []),
    Fault("ConfigMap airflow-files workload.yaml", "spec containers 0 name", GONE),
]


@every_version
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.where} {fault.path}")
def test_a_fault_is_seen(fault: Fault, version: str) -> None:
    good = list(documents(smallest()))
    assert complaints((d for d in documents(fault.planted(smallest())) if d not in good), version)


def test_the_oldest_version_is_among_the_schemas() -> None:
    assert VERSIONS[0] in utils.all_versions()
    assert VERSIONS[0] != VERSIONS[1]
