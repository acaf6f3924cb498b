"""What a stack file says of pods is in the pods that it is said of, the launched ones as well."""

from collections.abc import Iterator
from typing import Any

import pytest

from pilothouse.targets.kubernetes.settings import component_table
from pilothouse.targets.kubernetes.settings.environment import RESERVED
from pilothouse.targets.kubernetes.settings.images import IMAGES_FILE
from pilothouse.targets.kubernetes.settings.network_variables import VARIABLES
from pilothouse.targets.kubernetes.settings.paths import RESERVED_PATHS
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.pods import EVERYWHERE, containers, keys_read, pods, secrets_of
from tests.targets.kubernetes.policies.stacks import STACKS, Given, every_stack, graph_of, plan_of
from tests.targets.suite.recorder import Recording, revealed

OWN_SOURCES = {"envFrom": [{"secretRef": {"name": "own"}}, {"configMapRef": {"name": "more"}}]}

ASSETS = IMAGES_FILE.parent


def variables(container: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each["value"] for each in container["env"]}


def test_every_pod_has_the_settings_of_all_pods(graph_with: GraphWith) -> None:
    found = pods(graph_with(**EVERYWHERE))
    assert set(found) == set(component_table.COMPONENTS)
    for pod in found.values():
        spec = pod["spec"]
        assert pod["metadata"]["annotations"].items() >= EVERYWHERE["podAnnotations"].items()
        assert spec["nodeSelector"] == EVERYWHERE["nodeSelector"]
        assert spec["tolerations"] == EVERYWHERE["tolerations"]
        assert spec["affinity"] == EVERYWHERE["affinity"]
        assert spec["runtimeClassName"] == EVERYWHERE["runtimeClassName"]
        for container in containers(pod):
            assert variables(container).items() >= EVERYWHERE["env"].items()


@pytest.mark.parametrize("name", ["mlflow", "airflow-task", "workload"])
def test_the_pods_of_a_component_have_its_settings(graph_with: GraphWith, name: str) -> None:
    said = {
        "env": {"LOG_LEVEL": "debug"},
        **OWN_SOURCES,
        "volumes": [
            {"path": "/certificates", "secret": "authority"},
            {"path": "/models", "claim": "models"},
            {"path": "/etc/ours.conf", "configMap": "ours", "key": "ours.conf"},
        ],
        "resources": {"requests": {"memory": "3Gi"}},
    }
    found = pods(graph_with(components={name: said}))
    (container,) = containers(found.pop(name))
    assert variables(container)["LOG_LEVEL"] == "debug"
    assert container["envFrom"][:2] == OWN_SOURCES["envFrom"]
    assert {"/certificates", "/models", "/etc/ours.conf"} <= paths(container)
    assert container["resources"]["requests"]["memory"] == "3072Mi"
    assert container["resources"]["limits"]["memory"] == "3072Mi"
    assert "debug" not in repr(found)
    assert "authority" not in repr(found)


def test_shared_memory_is_in_memory_and_in_the_pods_of_its_component_only(
    graph_with: GraphWith,
) -> None:
    said = {"sharedMemory": "2Gi", "resources": {"limits": {"memory": "4Gi"}}}
    for name, pod in pods(graph_with(components={"workload": said})).items():
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        (*_, container) = containers(pod)
        found = [m for m in container["volumeMounts"] if m["mountPath"] == "/dev/shm"]
        assert bool(found) == (name == "workload"), name
        for mount in found:
            in_memory = {"medium": "Memory", "sizeLimit": "2048Mi"}
            assert volumes[mount["name"]]["emptyDir"] == in_memory
            assert "readOnly" not in mount


def paths(container: dict[str, Any]) -> set[str]:
    return {mount["mountPath"] for mount in container["volumeMounts"]}


def test_every_mount_has_its_volume(graph_with: GraphWith) -> None:
    said = {"volumes": [{"path": "/certificates", "secret": "authority"}]}
    for pod in pods(
        graph_with(components=dict.fromkeys(component_table.COMPONENTS, said))
    ).values():
        volumes = [volume["name"] for volume in pod["spec"]["volumes"]]
        assert len(volumes) == len(set(volumes))
        for container in containers(pod):
            assert {mount["name"] for mount in container["volumeMounts"]} <= set(volumes)


def test_a_service_account_is_annotated(graph_with: GraphWith) -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/pilot"}
    graph = graph_with(components={"airflow-task": {"serviceAccountAnnotations": role}})
    marked = {
        account.name: account.inputs["metadata"].get("annotations")
        for account in graph.kind("ServiceAccount")
    }
    assert marked.pop("airflow-task") == role
    assert set(marked.values()) == {None}


def test_a_component_may_connect_to_its_egress_and_query_dns(graph_with: GraphWith) -> None:
    said = {"egress": [{"cidr": "192.0.2.0/24", "port": 5432}]}
    graph = graph_with(components={"postgres": said})
    dns, there = graph.one("NetworkPolicy postgres").inputs["spec"]["egress"]
    assert {port["protocol"] for port in dns["ports"]} == {"UDP", "TCP"}
    assert there["to"] == [{"ipBlock": {"cidr": "192.0.2.0/24"}}]
    assert there["ports"] == [{"port": 5432, "protocol": "TCP"}]
    assert "192.0.2.0" not in repr(graph.one("NetworkPolicy mlflow").inputs)


def test_the_quota_grows_with_the_requests(graph_with: GraphWith) -> None:
    more = {"mlflow": {"resources": {"requests": {"memory": "100Gi"}}}}
    before, after = (
        int(graph.one("ResourceQuota platform").inputs["spec"]["hard"][key].removesuffix("Mi"))
        for graph in (graph_with(), graph_with(components=more))
        for key in ("requests.memory",)
    )
    assert after - before > 100 * 1024


@every_stack
def test_every_variable_and_path_of_the_target_is_reserved(given: Given) -> None:
    graph, settings = graph_of(given), plan_of(given).settings
    for name, pod in pods(graph).items():
        said = settings.pods_of(name)
        for container in containers(pod):
            known = {*RESERVED, *VARIABLES, *said.env}
            assert variables_of(graph, pod, container) <= known
            own = paths(container) - {volume.path for volume in said.volumes}
            assert all(path.startswith((*RESERVED_PATHS, "/etc/passwd")) for path in own)


def test_every_reserved_variable_is_set_by_the_target() -> None:
    by_scripts = {"PGOPTIONS", "RUN_TOKEN"}
    assets = [path for path in ASSETS.rglob("*") if path.suffix in (".sh", ".py")]
    assert all(any(name in path.read_text() for path in assets) for name in by_scripts)
    in_pods = {
        variable
        for given in STACKS
        for pod in pods(graph_of(given)).values()
        for container in containers(pod)
        for variable in variables_of(graph_of(given), pod, container)
    }
    assert in_pods | by_scripts >= RESERVED


def variables_of(graph: Recording, pod: dict[str, Any], container: dict[str, Any]) -> set[str]:
    """The variables of a container, from wherever it has them."""
    return {
        *names(container),
        *keys_read(pod, container),
        *from_objects(graph, container),
    }


def names(container: dict[str, Any]) -> list[str]:
    return [each["name"] for each in container["env"]]


def from_objects(graph: Recording, container: dict[str, Any]) -> Iterator[str]:
    """The variables that a container gets from the stack's own ConfigMaps and Secrets."""
    maps = [each.get("configMapRef", {}).get("name") for each in container["envFrom"]]
    for kind, field, chosen in (
        ("ConfigMap", "data", maps),
        ("Secret", "stringData", secrets_of(container)),
    ):
        for each in graph.kind(kind):
            if each.name in chosen:
                yield from revealed(dict(each.inputs))[field]


def test_a_runtime_class_of_a_component_replaces_that_of_all_pods(graph_with: GraphWith) -> None:
    said = {
        "runtimeClassName": "gvisor",
        "components": {"workload": {"runtimeClassName": "nvidia"}},
    }
    found = {
        name: pod["spec"]["runtimeClassName"] for name, pod in pods(graph_with(**said)).items()
    }
    assert found.pop("workload") == "nvidia"
    assert set(found.values()) == {"gvisor"}


SSH = {"repository": "git@git.example.org:dags", "secret": "git-key"}


def test_with_assigned_uids_pods_name_no_user_and_replace_no_accounts(
    graph_with: GraphWith,
) -> None:
    said = {"dags": {"gitSync": {**SSH, "egress": {"cidr": "192.0.2.0/24"}}}, "pgBouncer": {}}
    usual, assigned = pods(graph_with(**said)), pods(graph_with(**said, assignedUids=True))
    assert set(usual) == set(assigned)
    users = {"runAsUser", "runAsGroup", "fsGroup"}
    replaced = [name for name, pod in usual.items() if has_accounts(pod)]
    assert sorted(replaced) == ["airflow-dag-processor", "airflow-task", "postgres"]
    for name, pod in assigned.items():
        context = pod["spec"]["securityContext"]
        assert context == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        assert users <= usual[name]["spec"]["securityContext"].keys()
        assert not has_accounts(pod), name
        for container, same in zip(containers(pod), containers(usual[name]), strict=True):
            assert container["securityContext"] == same["securityContext"]
        mounted = {m["name"] for each in containers(pod) for m in each["volumeMounts"]}
        assert {volume["name"] for volume in pod["spec"]["volumes"]} == mounted


def has_accounts(pod: dict[str, Any]) -> bool:
    return any("/etc/passwd" in paths(container) for container in containers(pod))


def test_pods_have_no_scheduling_rules_by_default(graph_with: GraphWith) -> None:
    for pod in pods(graph_with()).values():
        assert pod["spec"]["nodeSelector"] == {}
        assert "affinity" not in pod["spec"]
        assert "runtimeClassName" not in pod["spec"]
