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
def client(api: FakeApi, plan: Plan) -> Cluster:
    return Cluster(plan.settings)


def test_a_request_needs_no_discovery(
    api: FakeApi, client: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    api.documents[DEPLOYMENTS] = listed(named("mlflow"))
    found = client.list_objects(kinds.DEPLOYMENT, "pilot", label_selector="a=b")
    assert [item.metadata.name for item in found] == ["mlflow"]
    assert api.queries == [f"{DEPLOYMENTS}?labelSelector=a%3Db"]
    assert list(temporary.iterdir()) == []


def test_missing_objects_and_kinds_are_none(client: Cluster) -> None:
    assert client.get(kinds.SECRET, "missing", "pilot") is None
    assert client.list_objects(kinds.HTTP_ROUTE, "pilot") == []
    assert client.read_log("missing", "pilot", "main") == ""
    assert client.api_groups() == []


@pytest.mark.parametrize(("verb", "allowed"), [("get", True), ("list", False)])
def test_a_created_object_is_answered(
    api: FakeApi, client: Cluster, verb: str, allowed: bool
) -> None:
    api.allows = lambda attributes: attributes["verb"] == "get"
    review = {"spec": {"resourceAttributes": {"verb": verb}}}
    assert client.create(kinds.ACCESS_REVIEW, review).status.allowed == allowed


def test_a_log_is_text_even_if_it_is_json(api: FakeApi, client: Cluster) -> None:
    api.logs["/api/v1/namespaces/pilot/pods/mlflow-1/log"] = '{"level": "info"}\n'
    assert client.read_log("mlflow-1", "pilot", "main", 5) == '{"level": "info"}\n'
    assert api.queries[-1].endswith("/log?container=main&tailLines=5")


def test_errors_do_not_show_credentials(api: FakeApi, plan: Plan) -> None:
    api.status = 401
    with pytest.raises(PilothouseError) as caught:
        Cluster(plan.settings).version()
    assert "hush" not in str(caught.value)
