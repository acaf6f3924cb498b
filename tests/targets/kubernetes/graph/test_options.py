"""What Airflow may have besides: a pool of connections, metrics, more API servers under load."""

import configparser
import json
from typing import Any

import pytest

from pilothouse.targets.kubernetes import naming
from pilothouse.targets.kubernetes.components.pgbouncer import through_pool
from pilothouse.targets.kubernetes.objects import sizing
from pilothouse.targets.kubernetes.settings import component_table
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.pods import containers, pods, secrets_of
from tests.targets.suite.recorder import Recording, revealed
from tests.targets.suite.secrets import MARK

SCRAPER = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
OPTIONS: dict[str, Any] = {
    "pgBouncer": {"poolSize": 7},
    "statsd": {"scraper": {"namespace": "monitoring"}},
    "apiServerAutoscaling": {"minReplicas": 2, "maxReplicas": 5},
}


@pytest.fixture(scope="module")
def graph(graph_with: GraphWith) -> Recording:
    return graph_with(**OPTIONS)


def secret(graph: Recording, name: str) -> dict[str, Any]:
    return dict(revealed(dict(graph.one(f"Secret {name}").inputs))["stringData"])


PAST_THE_POOL = ("mlflow", "mlflow-gc", "mlflow-setup", "airflow-setup")


def urls(values: dict[str, Any]) -> list[str]:
    return [value for key, value in values.items() if "SQL_ALCHEMY_CONN" in key]


def test_the_processes_of_airflow_connect_to_the_pool(graph: Recording) -> None:
    pooled = urls(secret(graph, "airflow"))
    assert len(pooled) == 2
    assert all(url in secret(graph, "airflow-dag-processor")["airflow.cfg"] for url in pooled)
    for url in pooled:
        assert "@pgbouncer." in url
        assert url.endswith(".svc:6543/airflow")
    for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
        needed = graph.needs(graph.one(f"Deployment airflow-{name}"))
        assert {"Deployment pgbouncer", "Service pgbouncer"} <= needed


def test_migrations_bypass_the_pool(graph: Recording) -> None:
    assert all("@postgres." in url for url in urls(secret(graph, "airflow-database")))
    for component, pod in pods(graph).items():
        given = secrets_of(containers(pod)[-1])
        assert ("airflow-database" in given) == (component == "airflow-setup")
        if component == "airflow-setup":
            assert given.index("airflow-database") > given.index("airflow")


def test_the_pool_knows_the_user_by_a_secret_and_asks_for_a_password(graph: Recording) -> None:
    files = secret(graph, "pgbouncer")
    user, password = files["users.txt"].split()
    assert user == '"airflow"'
    assert MARK in password
    parsed = configparser.ConfigParser()
    parsed.read_string(files["pgbouncer.ini"])
    assert "port=5432 dbname=airflow" in parsed["databases"]["airflow"]
    pool = parsed["pgbouncer"]
    assert pool["auth_type"] == "scram-sha-256"
    assert (pool["listen_port"], pool["default_pool_size"]) == ("6543", "7")
    (container,) = containers(pods(graph)["pgbouncer"])
    assert MARK not in repr(container)
    assert pool["auth_file"].rpartition("/")[0] in {
        mount["mountPath"] for mount in container["volumeMounts"]
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+x://u:p%40@db.svc:5432/airflow", "postgresql+x://u:p%40@pool:6543/airflow"),
        ("postgresql+x://u:p@db/airflow?sslmode=require", "postgresql+x://u:p@pool:6543/airflow"),
    ],
)
def test_a_url_through_the_pool_has_the_same_user(url: str, expected: str) -> None:
    assert through_pool(url, "pool") == expected


def test_policies_allow_the_connections_of_options_in_both_directions(graph: Recording) -> None:
    opened, allowed = set(), set()
    for policy in graph.kind("NetworkPolicy"):
        for rule in policy.inputs["spec"].get("ingress", []):
            opened |= {(client, policy.name, port(rule)) for client in names(rule["from"])}
        for rule in policy.inputs["spec"].get("egress", []):
            allowed |= {(policy.name, server, port(rule)) for server in names(rule.get("to", []))}
    assert opened == allowed
    pooled = {client for client, server, _ in opened if server == "pgbouncer"}
    direct = {client for client, server, _ in opened if server == "postgres"}
    assert pooled == set(component_table.PGBOUNCER_CLIENTS)
    assert direct == {"postgres-backup", "postgres-restore", "pgbouncer", *PAST_THE_POOL}
    measured = {(client, at) for client, server, at in opened if server == "airflow-statsd"}
    assert measured == {(client, (9125, "UDP")) for client in component_table.STATSD_CLIENTS}


def names(peers: list[Any]) -> list[str]:
    labels = [peer.get("podSelector", {}).get("matchLabels", {}) for peer in peers]
    return [each[naming.COMPONENT_LABEL] for each in labels if naming.COMPONENT_LABEL in each]


def port(rule: dict[str, Any]) -> tuple[int, str]:
    first = rule["ports"][0]
    return int(first["port"]), str(first["protocol"])


def test_metrics_are_sent_to_the_exporter_and_read_by_the_scraper(graph: Recording) -> None:
    told = revealed(dict(graph.one("ConfigMap airflow").inputs))["data"]
    assert told["AIRFLOW__METRICS__STATSD_ON"] == "True"
    assert told["AIRFLOW__METRICS__STATSD_HOST"].startswith("airflow-statsd.")
    ports = graph.one("Service airflow-statsd").inputs["spec"]["ports"]
    assert {(each["port"], each.get("protocol", "TCP")) for each in ports} == {
        (9125, "UDP"),
        (9102, "TCP"),
    }
    rules = graph.one("NetworkPolicy airflow-statsd").inputs["spec"]["ingress"]
    (ports,) = (each["ports"] for each in rules if each["from"] == [SCRAPER])
    assert ports == [{"port": 9102, "protocol": "TCP"}]
    mapping = revealed(dict(graph.one("ConfigMap airflow-statsd").inputs))["data"]["mapping.yaml"]
    assert {"dag_id", "pool"} <= {
        key for each in json.loads(mapping)["mappings"] for key in each["labels"]
    }


def test_only_the_autoscaler_sets_the_replicas_of_the_api_server(
    graph: Recording, graph_with: GraphWith
) -> None:
    (scaler,) = graph.kind("HorizontalPodAutoscaler")
    spec = scaler.inputs["spec"]
    assert spec["scaleTargetRef"]["name"] == "airflow-api-server"
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 5)
    assert "replicas" not in graph.one("Deployment airflow-api-server").inputs["spec"]
    usual = graph_with()
    assert usual.kind("HorizontalPodAutoscaler") == []
    assert usual.one("Deployment airflow-api-server").inputs["spec"]["replicas"] == 1


def test_the_quota_has_room_for_an_update_of_the_most_api_servers(
    graph_with: GraphWith,
) -> None:
    """A change starts a quarter more, rounded up: 4 become 5, 20 become 25."""
    few, many = (
        graph_with(apiServerAutoscaling={"maxReplicas": most})
        .one("ResourceQuota platform")
        .inputs["spec"]["hard"]
        for most in (4, 20)
    )
    each = sizing.resources("airflow-api-server", "small")
    assert int(many["pods"]) - int(few["pods"]) == 25 - 5
    for name, amount, unit in (("cpu", each.cpu, "m"), ("memory", each.memory, "Mi")):
        asked, before = (int(of[f"requests.{name}"].removesuffix(unit)) for of in (many, few))
        assert asked - before == (25 - 5) * amount


def test_optional_components_have_their_prerequisites(graph: Recording) -> None:
    for name in ("pgbouncer", "airflow-statsd"):
        assert graph.needs(graph.one(f"Deployment {name}")) >= {
            f"NetworkPolicy {name}",
            f"ServiceAccount {name}",
            "NetworkPolicy default-deny",
        }
        graph.one(f"PodDisruptionBudget {name}")
        (container,) = containers(pods(graph)[name])
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)


def test_optional_components_are_absent_by_default(graph_with: GraphWith) -> None:
    labels = {resource.label for resource in graph_with()}
    assert not any("pgbouncer" in label or "statsd" in label for label in labels)
    assert "Secret airflow-database" not in labels
