"""A store whose buckets open to roles of service accounts: no pod has a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pilothouse.services.airflow.settings import LOG_VARIABLE
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.pods import containers, keys_read, pods
from tests.targets.kubernetes.graph.test_store import CLIENTS, HIDDEN, ROLES, secrets
from tests.targets.kubernetes.policies import stacks
from tests.targets.suite.recorder import Recording, revealed

ANNOTATION = "eks.amazonaws.com/role-arn"
ANYWHERE_BY_HTTPS = {"ports": [{"port": 443, "protocol": "TCP"}]}


@pytest.fixture(scope="module", params=["roleArns", "podIdentity"])
def graph(request: pytest.FixtureRequest, graph_with: GraphWith) -> Recording:
    stores = {"roleArns": stacks.BY_ROLE, "podIdentity": stacks.BY_POD_IDENTITY}
    return graph_with(objectStore=stores[request.param])


@pytest.fixture(scope="module")
def by_role(graph_with: GraphWith) -> Recording:
    return graph_with(objectStore=stacks.BY_ROLE)


def annotations_of(graph: Recording) -> dict[str, Mapping[str, str]]:
    """The annotations of each service account."""
    accounts = {each.name: revealed(dict(each.inputs)) for each in graph.kind("ServiceAccount")}
    return {name: made["metadata"].get("annotations") or {} for name, made in accounts.items()}


def variables(container: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container["env"]}


def egress(graph: Recording, component: str) -> list[Any]:
    return list(graph.one(f"NetworkPolicy {component}").inputs["spec"]["egress"])


def test_no_container_and_no_secret_has_a_key_or_an_endpoint(graph: Recording) -> None:
    found = pods(graph)
    assert set(found) >= CLIENTS
    absent = {*HIDDEN, "AWS_ENDPOINT_URL_S3", "MLFLOW_S3_ENDPOINT_URL"}
    for name, pod in found.items():
        for container in containers(pod):
            assert not absent & variables(container).keys(), name
            assert keys_read(pod, container) == {}, name
    for name, values in secrets(graph).items():
        assert not absent & values.keys(), name
    assert graph.outputs["contract"]["storage"]["secrets"] == {}


def test_clients_know_the_region_and_the_buckets(graph: Recording) -> None:
    region = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    found = pods(graph)
    for name, bucket in (("mlflow", "MLFLOW_ARTIFACTS_DESTINATION"), ("postgres-backup", "BUCKET")):
        (*_, container) = containers(found[name])
        given = variables(container)
        assert given.items() >= region.items(), name
        assert given[bucket].removeprefix("s3://") == f"team-{ROLES[name]}"
    workload = secrets(graph)["workload"]
    assert workload.items() >= {**region, "DATA_URI": "s3://team-data"}.items()


def test_the_connection_of_logs_has_no_login_and_no_endpoint(graph: Recording) -> None:
    connection = json.loads(secrets(graph)["airflow-task"][LOG_VARIABLE])
    assert connection == {"conn_type": "aws", "extra": {"region_name": "eu-west-1"}}


def test_each_account_has_the_role_of_the_bucket_that_its_pods_use(by_role: Recording) -> None:
    for name, found in annotations_of(by_role).items():
        role = ROLES.get(name)
        assert found == ({ANNOTATION: stacks.ROLE.format(role)} if role else {}), name


def test_without_arns_no_account_has_an_annotation(graph_with: GraphWith) -> None:
    for store in (stacks.BY_POD_IDENTITY, stacks.STORE):
        graph = graph_with(objectStore=store, namespaceExists=True)
        assert not any(annotations_of(graph).values())


def test_an_annotation_of_a_component_wins(graph_with: GraphWith) -> None:
    own = {ANNOTATION: "arn:aws:iam::123456789012:role/own", "example.org/team": "churn"}
    components = {"mlflow": {"serviceAccountAnnotations": own}}
    graph = graph_with(objectStore=stacks.BY_ROLE, components=components)
    assert annotations_of(graph)["mlflow"] == own


def test_a_role_that_keys_go_before_is_warned_of(graph_with: GraphWith) -> None:
    own = {"serviceAccountAnnotations": {ANNOTATION: stacks.ROLE.format("own")}}
    said = {"namespaceExists": True, "components": {"mlflow": own, "mlflow-gc": own}}
    text = "keys of objectStore.secret, not the role of mlflow; name the roles as objectStore.ro"
    with_keys = graph_with(objectStore=stacks.STORE, **said)
    assert [each for each in with_keys.warnings if text in each]
    for store in (stacks.BY_ROLE, stacks.BY_POD_IDENTITY):
        assert "objectStore" not in repr(graph_with(objectStore=store, **said).warnings)
    assert "objectStore" not in repr(graph_with(**said).warnings)


def test_a_role_gives_no_pod_a_token_of_the_clusters_api(
    graph: Recording, graph_with: GraphWith
) -> None:
    usual = pods(graph_with())
    for name, pod in pods(graph).items():
        token = pod["spec"]["automountServiceAccountToken"]
        assert token == usual[name]["spec"]["automountServiceAccountToken"], name
        assert pod["spec"]["securityContext"]["fsGroup"]  # can read the token of its role
    accounts = graph.kind("ServiceAccount")
    assert not any(each.inputs["automountServiceAccountToken"] for each in accounts)


def test_clients_reach_the_store_at_addresses_that_change_and_nobody_else_does(
    graph: Recording, graph_with: GraphWith
) -> None:
    before = graph_with(apiServer={"cidr": "10.0.0.1/32"}, objectStore=stacks.BY_ROLE)
    for policy in before.kind("NetworkPolicy"):
        reaches = ANYWHERE_BY_HTTPS in policy.inputs["spec"].get("egress", [])
        assert reaches == (policy.name in CLIENTS), policy.name
    assert all(ANYWHERE_BY_HTTPS in egress(graph, name) for name in CLIENTS)


def test_pods_reach_the_agent_of_pod_identity(graph_with: GraphWith) -> None:
    graph = graph_with(objectStore=stacks.BY_POD_IDENTITY)
    for cidr in ("169.254.170.23/32", "fd00:ec2::23/128"):
        rule = {"to": [{"ipBlock": {"cidr": cidr}}], "ports": [{"port": 80, "protocol": "TCP"}]}
        assert all(rule in egress(graph, name) for name in CLIENTS)


def test_roles_are_exchanged_in_the_region(by_role: Recording, graph_with: GraphWith) -> None:
    (mlflow,) = containers(pods(by_role)["mlflow"])
    assert variables(mlflow)["AWS_STS_REGIONAL_ENDPOINTS"] == "regional"
    keys = graph_with(objectStore=stacks.STORE, namespaceExists=True)
    (mlflow,) = containers(pods(keys)["mlflow"])
    assert "AWS_STS_REGIONAL_ENDPOINTS" not in variables(mlflow)
