"""The client of the cluster's API."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.clients import kinds
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from tests.targets.kubernetes.fake_api import FakeApi, listed, named

DEPLOYMENTS = "/apis/apps/v1/namespaces/pilot/deployments"


@pytest.fixture
def cluster(api: FakeApi, plan: Plan) -> Cluster:
    return Cluster(plan.settings)


def test_a_request_needs_no_discovery(
    api: FakeApi, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    api.documents[DEPLOYMENTS] = listed(named("mlflow"))
    found = cluster.list_objects(kinds.DEPLOYMENT, "pilot", label_selector="a=b")
    assert [item.metadata.name for item in found] == ["mlflow"]
    assert api.queries == [f"{DEPLOYMENTS}?labelSelector=a%3Db"]
    assert list(temporary.iterdir()) == []


def test_missing_objects_and_kinds_are_none(cluster: Cluster) -> None:
    assert cluster.get(kinds.SECRET, "missing", "pilot") is None
    assert cluster.list_objects(kinds.HTTP_ROUTE, "pilot") == []
    assert cluster.read_log("missing", "pilot", "main") == ""
    assert cluster.api_groups() == []


@pytest.mark.parametrize(("verb", "allowed"), [("get", True), ("list", False)])
def test_a_created_object_is_answered(
    api: FakeApi, cluster: Cluster, verb: str, allowed: bool
) -> None:
    api.allows = lambda attributes: attributes["verb"] == "get"
    review = {"spec": {"resourceAttributes": {"verb": verb}}}
    assert cluster.create(kinds.ACCESS_REVIEW, review).status.allowed == allowed


def test_a_log_is_text_even_if_it_is_json(api: FakeApi, cluster: Cluster) -> None:
    api.logs["/api/v1/namespaces/pilot/pods/mlflow-1/log"] = '{"level": "info"}\n'
    assert cluster.read_log("mlflow-1", "pilot", "main", 5) == '{"level": "info"}\n'
    assert api.queries[-1].endswith("/log?container=main&tailLines=5")


def test_errors_do_not_show_credentials(api: FakeApi, plan: Plan) -> None:
    api.status = 401
    with pytest.raises(PilothouseError) as caught:
        Cluster(plan.settings).version()
    assert "hush" not in str(caught.value)
