"""The DAGs of the project on a cluster: from the bucket, to what reads DAGs and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import InvalidInput
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.settings.component_table import SEAWEEDFS
from tests.targets.kubernetes.graph.pods import pods
from tests.targets.kubernetes.stack import STORE
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, revealed

READERS = {"airflow-dag-processor", "airflow-task"}
SMALLEST = platforms.ROOT / "examples" / "minimal.yaml"
GIT = {"repository": "https://git.example.org/dags", "egress": {"cidr": "192.0.2.0/24"}}
VARIABLE = "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = platforms.project_of(SMALLEST, tmp_path_factory.mktemp("team") / "project")
    (made / "dags").mkdir()
    return made


@pytest.fixture(scope="module")
def team(project: Path) -> Recording:
    return platforms.recorded(project, "kubernetes")


@pytest.fixture(scope="module")
def minimal_cluster(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The same platform without a folder of DAGs."""
    made = platforms.project_of(SMALLEST, tmp_path_factory.mktemp("none") / "project")
    return platforms.recorded(made, "kubernetes")


def bundles(graph: Recording) -> dict[str, Any]:
    settings = revealed(dict(graph.one("ConfigMap airflow").inputs))["data"]
    return {each["name"]: each for each in json.loads(settings.get(VARIABLE, "[]"))}


def naming(folder: Path) -> Path:
    """A project that names its folder of DAGs."""
    made = platforms.project_of(SMALLEST, folder / "project")
    (made / "pipelines").mkdir()
    with (made / "platform.yaml").open("a", encoding="utf-8") as file:
        file.write("orchestration: {dags: pipelines}\n")
    return made


def clients(graph: Recording) -> set[str]:
    """The components that may connect to the store, as both their and its policy say."""

    def peers(rules: list[Any], side: str) -> set[str]:
        return {
            peer["podSelector"]["matchLabels"][COMPONENT_LABEL]
            for rule in rules
            for peer in rule.get(side, [])
            if "matchLabels" in peer.get("podSelector", {}) and "namespaceSelector" not in peer
        }

    policies = {
        each.name: revealed(dict(each.inputs))["spec"] for each in graph.kind("NetworkPolicy")
    }
    admitted = peers(policies[SEAWEEDFS]["ingress"], "from")
    sent = {
        name for name, spec in policies.items() if SEAWEEDFS in peers(spec.get("egress", []), "to")
    }
    return admitted & sent


def test_airflow_reads_the_bucket_of_data_by_a_connection_of_its_own(team: Recording) -> None:
    bundle = bundles(team)["team"]
    secret = revealed(dict(team.one("Secret airflow-dags").inputs))["stringData"]
    connection = json.loads(secret["AIRFLOW_CONN_S3DAGS"])
    assert bundle["classpath"] == "airflow.providers.amazon.aws.bundles.s3.S3DagBundle"
    assert bundle["kwargs"]["aws_conn_id"] == "s3dags"
    assert bundle["kwargs"]["prefix"] == "dags"
    data = revealed(team.outputs["contract"])["storage"]
    assert bundle["kwargs"]["bucket_name"] == data["uri"].removeprefix("s3://")
    assert connection["login"] == data["secrets"]["AWS_ACCESS_KEY_ID"]
    assert connection["password"] == data["secrets"]["AWS_SECRET_ACCESS_KEY"]
    assert connection["extra"]["endpoint_url"] == data["environment"]["AWS_ENDPOINT_URL_S3"]


def test_what_reads_dags_has_the_keys_and_nothing_else_has_them(team: Recording) -> None:
    holders = {
        component
        for component, pod in pods(team).items()
        for volume in pod["spec"].get("volumes", [])
        if volume.get("secret", {}).get("secretName") == "airflow-dags"
    }
    assert holders == READERS


def test_what_reads_dags_may_connect_to_the_store(
    team: Recording, minimal_cluster: Recording
) -> None:
    opened = clients(team) - clients(minimal_cluster)
    assert opened == {"airflow-dag-processor"}
    assert clients(team) >= READERS


def test_without_a_folder_nothing_is_there(minimal_cluster: Recording) -> None:
    assert bundles(minimal_cluster) == {}
    assert "airflow-dags" not in {each.name for each in minimal_cluster.kind("Secret")}


def test_the_stack_files_source_counts_in_place_of_the_usual_folder(project: Path) -> None:
    for source in ({"gitSync": GIT}, {"imageFolder": "/opt/team"}):
        graph = platforms.recorded(project, "kubernetes", settings={"dags": source})
        assert "team" not in bundles(graph)


def test_a_named_folder_counts_beside_the_stack_files_source(project: Path, tmp_path: Path) -> None:
    named = naming(tmp_path)
    graph = platforms.recorded(named, "kubernetes", settings={"dags": {"gitSync": GIT}})
    assert bundles(graph).keys() == {"dags-folder", "git", "team"}


def test_an_external_store_is_refused_with_a_named_folder(project: Path, tmp_path: Path) -> None:
    external = {"objectStore": STORE, "namespaceExists": True}
    with pytest.raises(InvalidInput) as refused:
        platforms.plan_of(naming(tmp_path), "kubernetes", settings=external)
    (only,) = refused.value.problems
    assert only.key.endswith("objectStore")
    assert "with orchestration.dags in platform.yaml" in only.found
    assert "team" not in bundles(platforms.recorded(project, "kubernetes", settings=external))
