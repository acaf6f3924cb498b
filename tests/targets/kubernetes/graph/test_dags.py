"""The team's DAGs reach what parses them and what runs them, beside the workload's own."""

import json
from typing import Any

import pytest

from pilothouse.targets.kubernetes.settings import component_table
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.pods import containers, keys_read, pods
from tests.targets.suite.recorder import Recording, revealed

READERS = ("airflow-dag-processor", "airflow-task")
HTTPS = {
    "repository": "https://git.example.org/dags",
    "ref": "v1",
    "subPath": "team/dags",
    "secret": "git-login",
    "egress": {"cidr": "192.0.2.0/24"},
}
SSH = {**HTTPS, "repository": "git@git.example.org:team/dags", "secret": "git-key"}


@pytest.fixture(scope="module")
def by_https(graph_with: GraphWith) -> Recording:
    return graph_with(dags={"gitSync": HTTPS})


def variables(container: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each["value"] for each in container["env"]}


def bundles(graph: Recording) -> list[dict[str, Any]]:
    settings = revealed(dict(graph.one("ConfigMap airflow").inputs))["data"]
    return list(json.loads(settings["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]))


def test_the_repository_is_cloned_before_dags_are_read(by_https: Recording) -> None:
    for component, pod in pods(by_https).items():
        first = [each["name"] for each in pod["spec"].get("initContainers", [])]
        assert ("git-sync" in first) == (component in READERS)


def test_a_task_clones_once_and_the_dag_processor_follows(by_https: Recording) -> None:
    found = pods(by_https)
    processor, task = (found[name]["spec"]["initContainers"][0] for name in READERS)
    assert variables(task)["GITSYNC_ONE_TIME"] == "true"
    assert "restartPolicy" not in task
    assert "startupProbe" not in task
    assert processor["restartPolicy"] == "Always"
    assert processor["startupProbe"]["httpGet"]["port"] == 1234
    assert variables(processor)["GITSYNC_HTTP_BIND"] == ":1234"
    assert "GITSYNC_ONE_TIME" not in variables(processor)


def test_airflow_reads_the_clone_and_the_workloads_own_folder(by_https: Recording) -> None:
    own, git = bundles(by_https)
    assert own["kwargs"] == {}
    assert git["kwargs"] == {"path": "/git/clone/current/team/dags"}
    for component in READERS:
        sync, reader = containers(pods(by_https)[component])
        mounted = {mount["mountPath"]: mount["name"] for mount in reader["volumeMounts"]}
        assert "/dags/pilothouse_workload.py" in mounted
        cloned = {mount["mountPath"]: mount["name"] for mount in sync["volumeMounts"]}
        assert cloned["/git/clone"] == mounted["/git/clone"]
        assert variables(sync)["GITSYNC_ROOT"] == "/git/clone"


LOGIN = ("GITSYNC_USERNAME", "GITSYNC_PASSWORD")


def test_git_sync_alone_reads_its_login_and_nothing_else_of_that_secret(
    by_https: Recording,
) -> None:
    wanted = {key: ("git-login", key) for key in LOGIN}
    for pod in pods(by_https).values():
        for container in containers(pod):
            read = keys_read(pod, container)
            assert read == (wanted if container["name"] == "git-sync" else {})
        whole = [each for each in pod["spec"]["volumes"] if "secret" in each]
        assert "git-login" not in repr(whole)


def test_only_what_reads_dags_calls_the_git_server(by_https: Recording) -> None:
    for name in component_table.COMPONENTS:
        rules = by_https.one(f"NetworkPolicy {name}").inputs["spec"]["egress"]
        there = [rule for rule in rules if "192.0.2.0/24" in repr(rule)]
        assert [rule["ports"] for rule in there] == (
            [[{"port": 443, "protocol": "TCP"}]] if name in READERS else []
        )


def test_ssh_has_its_key_its_hosts_and_a_name_for_its_user(graph_with: GraphWith) -> None:
    graph = graph_with(dags={"gitSync": SSH})
    users = revealed(dict(graph.one("ConfigMap airflow-accounts").inputs))["data"]["passwd"]
    for component in READERS:
        pod = pods(graph)[component]
        sync, reader = containers(pod)
        user = int(pod["spec"]["securityContext"]["runAsUser"])
        assert f":x:{user}:" in users
        paths = {mount["mountPath"] for mount in sync["volumeMounts"]}
        assert {"/git/keys", "/etc/passwd"} <= paths
        assert variables(sync)["GITSYNC_SSH_KEY_FILE"] == "/git/keys/ssh"
        at = {mount["mountPath"]: mount["name"] for mount in sync["volumeMounts"]}
        (volume,) = (v for v in pod["spec"]["volumes"] if v["name"] == at["/git/keys"])
        items = [each["secret"]["items"] for each in volume["projected"]["sources"]]
        assert items == [[{"key": key, "path": key}] for key in ("ssh", "known_hosts")]
        whole = [each["secret"] for each in pod["spec"]["volumes"] if "secret" in each]
        assert {"secretName": "git-key"} not in whole
        assert volume["name"] not in {mount["name"] for mount in reader["volumeMounts"]}


def test_dags_of_the_image_are_read_without_another_container(graph_with: GraphWith) -> None:
    graph = graph_with(dags={"imageFolder": "/opt/airflow/dags"})
    own, image = bundles(graph)
    assert (own["name"], image["kwargs"]) == ("dags-folder", {"path": "/opt/airflow/dags"})
    assert "git-sync" not in repr(pods(graph))


def test_without_settings_airflow_reads_its_default_folder(graph_with: GraphWith) -> None:
    graph = graph_with()
    settings = revealed(dict(graph.one("ConfigMap airflow").inputs))["data"]
    assert not any("BUNDLE" in name for name in settings)
    assert "git-sync" not in repr(pods(graph))
