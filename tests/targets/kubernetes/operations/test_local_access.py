"""The contract with forwarded ports, and with the keys of an external store."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.contract import Capability, Contract, Probe
from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations import local_access
from tests.targets.kubernetes.fake_api import FakeApi, named
from tests.targets.kubernetes.stack import STORE, encoded, path_of, planned


def promised() -> Contract:
    """The contract of a stack whose store is not its own, as its outputs have it."""
    storage = Capability(
        uri="s3://pilot-data",
        console="",
        environment={"AWS_ENDPOINT_URL_S3": "https://s3.example.org", "AWS_REGION": "us-east-1"},
    )
    empty = Capability(uri="", console="")
    return Contract(storage=storage, compute=empty, tracking=empty, orchestration=empty)


def test_addresses_in_the_cluster_become_forwarded_ports(api: FakeApi, plan: Plan) -> None:
    namespace = namespace_of(plan)
    address = f"mlflow.{namespace}.svc:5000"
    tracking = Capability(
        uri=f"http://{address}",
        console=f"http://{address}",
        environment={"MLFLOW_TRACKING_URI": f"http://{address}"},
        secrets={"MLFLOW_TRACKING_PASSWORD": "hush"},
        probes=[Probe(service="mlflow", kind="http", address=f"http://{address}/health")],
    )
    empty = Capability(uri="", console="")
    given = Contract(storage=empty, compute=empty, tracking=tracking, orchestration=empty)
    with local_access.forward_ports(Cluster(plan.settings), plan, given) as reachable:
        found = reachable.tracking
    assert found.uri.startswith("http://127.0.0.1:")
    assert found.environment["MLFLOW_TRACKING_URI"] == found.console == found.uri
    assert found.probes[0].address == f"{found.uri}/health"
    assert found.secrets == tracking.secrets


def test_the_keys_of_an_external_store_are_read_from_its_secret(
    api: FakeApi, tmp_path: Path
) -> None:
    plan = planned(tmp_path, objectStore=STORE)
    keys = encoded(data_access="key", data_secret="hush", logs_access="other")
    api.documents[f"{path_of(plan)}/secrets/team-s3"] = named("team-s3", data=keys)
    with local_access.forward_ports(Cluster(plan.settings), plan, promised()) as reachable:
        found = reachable.storage
    assert found.secrets == {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hush"}
    assert found.environment == promised().storage.environment
    assert found.uri == "s3://pilot-data"


def test_missing_keys_are_named(api: FakeApi, tmp_path: Path) -> None:
    plan = planned(tmp_path, objectStore=STORE)
    lacks = "Secret team-s3 of namespace .* lacks {}: add"
    with (
        pytest.raises(PilothouseError, match=lacks.format("data-access, data-secret")),
        local_access.forward_ports(Cluster(plan.settings), plan, promised()),
    ):
        pass
    keys = encoded(data_access="hush")
    api.documents[f"{path_of(plan)}/secrets/team-s3"] = named("team-s3", data=keys)
    with (
        pytest.raises(PilothouseError, match=lacks.format("data-secret")),
        local_access.forward_ports(Cluster(plan.settings), plan, promised()),
    ):
        pass


def test_a_store_that_opens_to_roles_is_read_by_pods(api: FakeApi, tmp_path: Path) -> None:
    roles = {"secret": "", "podIdentity": True}
    store = {key: value for key, value in {**STORE, **roles}.items() if value}
    plan = planned(tmp_path, objectStore=store, context="default")
    with local_access.forward_ports(Cluster(plan.settings), plan, promised()) as reachable:
        found = reachable.storage
    assert found.submit == {"kind": "pod", "namespace": namespace_of(plan), "context": "default"}
    assert found.secrets == {}
    assert not [path for path in api.queries if "/secrets" in path]
