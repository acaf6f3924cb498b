"""A namespace of somebody else is refused by the program itself, whatever plugin runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import PilothouseError, Refused
from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.components.namespace_guard import NamespaceGuardProvider
from pilothouse.targets.kubernetes.naming import identifying_labels, namespace_of
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.fake_api import FakeApi, named, write_kubeconfig
from tests.targets.kubernetes.stack import path_of


def props(plan: Plan) -> dict[str, Any]:
    labels = identifying_labels(plan)
    return {"namespace": namespace_of(plan), "labels": labels, "context": ""}


def put(api: FakeApi, plan: Plan, labels: dict[str, str]) -> None:
    api.documents[path_of(plan)] = named(namespace_of(plan), labels=labels)


def test_a_free_namespace_is_taken(api: FakeApi, plan: Plan) -> None:
    assert NamespaceGuardProvider().create(props(plan)).id == namespace_of(plan)


def test_the_namespace_of_an_interrupted_run_is_taken_again(api: FakeApi, plan: Plan) -> None:
    put(api, plan, {**identifying_labels(plan), "more": "labels"})
    assert NamespaceGuardProvider().create(props(plan)).id == namespace_of(plan)


@pytest.mark.parametrize("labels", [{}, {"pilothouse-platform": "other"}])
def test_one_of_somebody_else_is_refused(api: FakeApi, plan: Plan, labels: dict[str, str]) -> None:
    put(api, plan, labels)
    with pytest.raises(Refused, match="belongs to another stack or owner; name another"):
        NamespaceGuardProvider().create(props(plan))


def test_a_namespace_that_the_user_made_needs_none(graph_with: GraphWith) -> None:
    graph = graph_with(namespaceExists=False)
    assert graph.one("NamespaceGuard namespace-guard").urn in graph.one("Namespace namespace").after
    assert not graph_with(namespaceExists=True).kind("NamespaceGuard")


def test_a_cluster_that_does_not_answer_is_named(kubeconfig: Path, plan: Plan) -> None:
    write_kubeconfig(kubeconfig, 1)
    with pytest.raises(PilothouseError, match="does not answer"):
        NamespaceGuardProvider().create(props(plan))


def test_only_another_namespace_or_stack_is_looked_at_anew(plan: Plan) -> None:
    olds, provider = props(plan), NamespaceGuardProvider()
    assert not provider.diff("", olds, {**olds, "context": "of another machine"}).changes
    assert provider.diff("", olds, {**olds, "namespace": "other"}).replaces == ["namespace"]
