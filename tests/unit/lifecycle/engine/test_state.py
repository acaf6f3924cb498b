"""What a snapshot of the state says: what is retained with its dependencies, what is pending."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.lifecycle.engine.state import StackState
from pilothouse.targets.interface import PendingCreate


def resource(urn: str, **needs: Any) -> dict[str, Any]:
    return {"urn": urn, **needs}


RESOURCES = [
    resource("stack"),
    resource("component", parent="stack"),
    resource("cluster", parent="component"),
    resource("namespace", parent="component", provider="cluster::some-id"),
    resource("volume", parent="component", propertyDependencies={"metadata": ["namespace"]}),
    resource("policy", parent="component", dependencies=["namespace"]),
    resource("server", parent="component", dependencies=["volume", "policy"]),
]


@pytest.mark.parametrize(
    ("keep", "stay"),
    [
        (["stack"], {"stack"}),
        (["namespace"], {"namespace", "cluster", "component", "stack"}),
        (["volume"], {"volume", "namespace", "cluster", "component", "stack"}),
        (["server"], {each["urn"] for each in RESOURCES}),
        (["unheard-of"], set()),
    ],
)
def test_what_is_retained_retains_its_dependencies(keep: list[str], stay: set[str]) -> None:
    state = StackState(exists=True, resources=RESOURCES)
    assert state.retained_with_dependencies(keep) == stay


def test_a_stack_without_resources_exists() -> None:
    assert StackState.from_deployment({}) == StackState(exists=True)
    assert StackState.from_deployment({"resources": None}) == StackState(exists=True)


def test_the_pending_creates_are_told_from_other_operations() -> None:
    begun = {"urn": "urn:vpc", "type": "aws:ec2/vpc:Vpc", "custom": True}
    operations = [{"type": kind, "resource": begun} for kind in ("updating", "creating")]
    state = StackState.from_deployment({"resources": RESOURCES, "pending_operations": operations})
    assert state.pending_creates == [PendingCreate(urn="urn:vpc", type="aws:ec2/vpc:Vpc")]
    assert list(state.resources) == RESOURCES


def test_the_definition_is_an_output_of_the_stack_itself() -> None:
    outputs = {"definition": {"target": "toy"}}
    resources = [
        {"urn": "one", "type": "toy", "outputs": {"definition": {"target": "no"}}},
        {"urn": "stack", "type": "pulumi:pulumi:Stack", "outputs": outputs},
    ]
    assert StackState(exists=True, resources=resources).definition == {"target": "toy"}


@pytest.mark.parametrize("resources", [[], [{"urn": "stack", "type": "pulumi:pulumi:Stack"}]])
def test_a_stack_whose_program_never_ended_has_no_definition(resources: Any) -> None:
    assert StackState(exists=True, resources=resources).definition is None


def test_what_is_protected_is_known_by_its_urn() -> None:
    resources = [resource("bucket", protect=True), resource("role", protect=False), resource("x")]
    assert StackState(exists=True, resources=resources).protected == {"bucket"}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], False),
        ([{"urn": "stack", "type": "pulumi:pulumi:Stack"}], False),
        ([{"urn": "p", "type": "pulumi:providers:x", "custom": True}], False),
        ([{"urn": "home", "type": "pulumi-python:dynamic:Home", "custom": True}], True),
    ],
)
def test_components_and_providers_are_no_resources(
    found: list[dict[str, Any]], expected: bool
) -> None:
    assert StackState(exists=True, resources=found).has_resources == expected


def test_what_is_counted_is_what_a_preview_counts() -> None:
    found: list[dict[str, Any]] = [
        {"urn": "a::pilothouse-local", "type": "pulumi:pulumi:Stack"},
        {"urn": "a::default", "type": "pulumi:providers:pulumi-python", "custom": True},
        {"urn": "a::default_1_2", "type": "pulumi:providers:aws", "custom": True},
        {"urn": "a::cloud", "type": "pulumi:providers:aws", "custom": True},
        {"urn": "a::storage", "type": "pilothouse:local:Storage"},
        {"urn": "a::home", "type": "pulumi-python:dynamic:Home", "custom": True},
    ]
    assert StackState(exists=True, resources=found).count == 4
