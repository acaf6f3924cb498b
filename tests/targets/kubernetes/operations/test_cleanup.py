"""What a clean-up deletes of a stack, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

from pilothouse.plan import Plan
from pilothouse.targets.interface import Leftover
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations import cleanup, leftovers
from tests.targets.kubernetes.fake_api import FakeApi, listed, named
from tests.targets.kubernetes.stack import path_of, planned


def leftovers_of(plan: Plan, *, keep_data: bool) -> list[Leftover]:
    return list(leftovers.find_leftovers(Cluster(plan.settings), plan, keep_data=keep_data))


def test_only_the_namespace_of_the_stack_is_deleted(api: FakeApi, plan: Plan) -> None:
    cleanup.clean_up(Cluster(plan.settings), plan, keep_data=False)
    api.documents[path_of(plan)] = named(namespace_of(plan))
    cleanup.clean_up(Cluster(plan.settings), plan, keep_data=False)
    assert api.deleted == []
    api.documents[path_of(plan)] = named(namespace_of(plan), dict(plan.tags))
    cleanup.clean_up(Cluster(plan.settings), plan, keep_data=False)
    assert api.deleted == [path_of(plan)]


def test_a_clean_up_that_keeps_data_deletes_everything_else(keeping: FakeApi, plan: Plan) -> None:
    pods = f"{path_of(plan)}/pods"
    keeping.documents[f"{pods}/task-1"] = named("task-1")
    keeping.gone[f"{pods}/task-1"] = (pods, listed())
    cleanup.clean_up(Cluster(plan.settings), plan, keep_data=True)
    assert keeping.deleted == [f"{pods}/task-1"]


def test_a_route_of_an_interrupted_run_is_found_and_deleted(
    keeping: FakeApi, tmp_path: Path
) -> None:
    gateway = {"name": "main", "namespace": "gateways", "sectionName": "https"}
    exposure = {"gateway": gateway, "controller": {"namespace": "gateways"}}
    plan = planned(tmp_path, exposure=exposure)
    keeping.documents[f"{path_of(plan)}/pods"] = listed()
    group = "/apis/gateway.networking.k8s.io/v1"
    routes = f"{group}/namespaces/{namespace_of(plan)}/httproutes"
    keeping.documents |= {routes: listed(named("mlflow")), f"{routes}/mlflow": named("mlflow")}
    found = {item.name for item in leftovers_of(plan, keep_data=True)}
    assert "httproute mlflow" in found
    keeping.gone[f"{routes}/mlflow"] = (routes, listed())
    cleanup.clean_up(Cluster(plan.settings), plan, keep_data=True)
    assert keeping.deleted == [f"{routes}/mlflow"]
    del keeping.documents[routes]
    kinds = [item.kind for item in leftovers_of(plan, keep_data=True)]
    assert "object" not in kinds
