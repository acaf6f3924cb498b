"""What is told of a stack on a cluster, by an API that answers what a cluster would."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pilothouse.contract import Capability, Contract, Probe
from pilothouse.errors import PilothouseError, Refused
from pilothouse.plan import Plan
from pilothouse.program.build import record_graph
from pilothouse.program.load import plan_of_engine
from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations.target import KubernetesOperations
from tests.targets.kubernetes.operations.fake_api import (
    FakeApi,
    listed,
    named,
    served,
    version,
    write_kubeconfig,
)
from tests.targets.suite.mocked_types import MOCKED
from tests.targets.suite.platforms import EXAMPLES, TODAY, project_of

SMALLEST = next(example for example in EXAMPLES if example.stem == "minimal")
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


@pytest.fixture
def api(kubeconfig: Path) -> Iterator[FakeApi]:
    standard = {"metadata": {"name": "standard", "annotations": DEFAULT}, "provisioner": "some"}
    fake = FakeApi(
        {
            "/version/": version("34"),
            CLASSES: listed(standard),
            "/api/v1/namespaces": listed(),
            "/api/v1/persistentvolumes": listed(),
        }
    )
    with served(fake, kubeconfig):
        yield fake


def apps_of(plan: Plan) -> str:
    return f"/apis/apps/v1/namespaces/{namespace_of(plan)}/deployments"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return planned(tmp_path)


def planned(folder: Path, **settings: object) -> Plan:
    project = project_of(SMALLEST, folder / "project")
    settings |= {"namespaceExists": True} if {"database", "objectStore"} & settings.keys() else {}
    return plan_of_engine(project, "pilot", target="kubernetes", settings=settings, today=TODAY)


def path_of(plan: Plan) -> str:
    return f"/api/v1/namespaces/{namespace_of(plan)}"


def preflight(plan: Plan) -> list[Check]:
    return KubernetesOperations(plan).preflight(lambda: record_graph(plan))


def verdicts(plan: Plan, *, keep_data: bool) -> dict[str, str]:
    """Of the leftovers, by kind."""
    found = KubernetesOperations(plan).leftovers(keep_data=keep_data)
    return {item.kind: item.verdict for item in found}


def check(plan: Plan, name: str) -> Check:
    return next(each for each in preflight(plan) if each.name.startswith(name))


def test_a_cluster_that_will_do_passes_every_check(api: FakeApi, plan: Plan) -> None:
    checks = preflight(plan)
    assert [each.name for each in checks if not each.ok] == []
    assert len(checks) == 4


def test_a_cluster_that_does_not_answer_is_the_only_complaint(kubeconfig: Path, plan: Plan) -> None:
    write_kubeconfig(kubeconfig, 1)
    (only,) = preflight(plan)
    assert not only.ok
    assert "http://127.0.0.1:1 does not answer" in only.detail
    assert "hush" not in only.detail


def test_without_a_kubeconfig_the_remedy_is_named(kubeconfig: Path, plan: Plan) -> None:
    (only,) = preflight(plan)
    assert "set KUBECONFIG" in only.detail


def test_an_unknown_context_is_refused(api: FakeApi, tmp_path: Path) -> None:
    (only,) = preflight(planned(tmp_path, context="elsewhere"))
    assert "elsewhere" in only.detail


@pytest.mark.parametrize(("minor", "ok"), [("30", False), ("31+", True), ("37", True)])
def test_an_old_cluster_is_refused(api: FakeApi, plan: Plan, minor: str, ok: bool) -> None:
    api.documents["/version/"] = version(minor)
    assert check(plan, "cluster").ok == ok


def test_what_this_kubeconfig_may_not_do_is_listed(api: FakeApi, plan: Plan) -> None:
    api.allows = lambda ask: not (ask["resource"] == "roles" and ask["verb"] in ("create", "patch"))
    rights = check(plan, "rights")
    assert not rights.ok
    assert rights.detail == "not allowed: create/patch roles.rbac.authorization.k8s.io"


def test_without_a_default_storage_class_one_must_be_named(api: FakeApi, tmp_path: Path) -> None:
    api.documents[CLASSES] = listed(named("fast", provisioner="some"))
    assert not check(planned(tmp_path), "storage class").ok
    assert check(planned(tmp_path, storageClass="fast"), "storage class").ok
    wrong = check(planned(tmp_path, storageClass="slow"), "storage class")
    assert not wrong.ok
    assert "there are: fast" in wrong.detail


def test_a_namespace_of_somebody_else_is_refused_and_ours_is_not(api: FakeApi, plan: Plan) -> None:
    api.documents[path_of(plan)] = named(namespace_of(plan))
    assert check(plan, "namespace").detail == "there, and not of this stack"
    api.documents[path_of(plan)] = named(namespace_of(plan), dict(plan.tags))
    assert check(plan, "namespace").ok


def test_what_to_do_about_a_namespace_of_somebody_else_is_said(api: FakeApi, plan: Plan) -> None:
    api.documents[path_of(plan)] = named(namespace_of(plan))
    remedy = check(plan, "namespace").remedy
    assert "name another as `namespace`" in remedy
    assert "add `namespaceExists: true`" in remedy


def test_a_namespace_that_the_user_made_is_taken_unless_others_would_lose_it(
    api: FakeApi, tmp_path: Path
) -> None:
    plan = planned(tmp_path, namespaceExists=True)
    missing = check(plan, "namespace")
    assert (missing.ok, missing.detail) == (False, "not there")
    assert f"kubectl create namespace {namespace_of(plan)}" in missing.remedy
    api.documents |= {path_of(plan): named(namespace_of(plan)), f"{path_of(plan)}/pods": listed()}
    assert check(plan, "namespace").ok
    api.documents[f"{path_of(plan)}/pods"] = listed(pod("theirs", "Running"))
    assert check(plan, "namespace").detail == "there, and in use: it runs theirs"
    assert not check(plan, "namespace").ok
    api.documents[path_of(plan)] = named(namespace_of(plan), dict(plan.tags))
    assert check(plan, "namespace").ok
    other = {**plan.tags, "pilothouse-stack": "other"}
    api.documents[path_of(plan)] = named(namespace_of(plan), other)
    assert check(plan, "namespace").detail == "there, and of stack other"
    assert not check(plan, "namespace").ok


def test_everything_that_must_be_there_before_is_looked_for(api: FakeApi, tmp_path: Path) -> None:
    volumes = [
        {"path": "/a", "configMap": "files", "key": "a.conf"},
        {"path": "/b", "claim": "models"},
    ]
    git = {
        "repository": "https://git.example.org/dags",
        "secret": "git",
        "egress": {"cidr": "::/0"},
    }
    plan = planned(
        tmp_path,
        namespaceExists=True,
        imagePullSecrets=["pull"],
        dags={"gitSync": git},
        components={"mlflow": {"volumes": volumes, "envFrom": [{"secretRef": {"name": "own"}}]}},
    )
    wanted = ["Secret git", "Secret pull", "Secret own", "ConfigMap files"]
    wanted.append("PersistentVolumeClaim models")
    for name in wanted:
        assert check(plan, name).detail == f"not in namespace {namespace_of(plan)}"
    kinds = {"Secret": "secrets", "ConfigMap": "configmaps"}
    for kind, name in (each.split(" ") for each in wanted):
        place = f"{path_of(plan)}/{kinds.get(kind, 'persistentvolumeclaims')}/{name}"
        api.documents[place] = named(name)
    failed = {each.name: each.detail for each in preflight(plan) if not each.ok}
    del failed[f"namespace {namespace_of(plan)}"]
    assert failed == {
        "Secret git": "lacks GITSYNC_USERNAME, GITSYNC_PASSWORD",
        "ConfigMap files": "lacks a.conf",
    }
    files = named("files", binaryData={"a.conf": "aHVzaA=="})
    api.documents[f"{path_of(plan)}/configmaps/files"] = files
    assert check(plan, "ConfigMap files").ok


@pytest.mark.parametrize("served", [True, False])
def test_autoscaling_needs_a_cluster_that_measures(
    api: FakeApi, tmp_path: Path, served: bool
) -> None:
    group: dict[str, Any] = {"name": "metrics.k8s.io" if served else "apps", "versions": []}
    api.documents["/apis/"] = {"groups": [group]}
    plan = planned(tmp_path, apiServerAutoscaling={"maxReplicas": 3})
    found = check(plan, "metrics")
    assert found.ok == served
    assert "install metrics-server" in found.remedy
    del api.documents["/apis/"]
    assert not check(plan, "metrics").ok
    api.allows = lambda ask: ask["resource"] != "horizontalpodautoscalers"
    assert "horizontalpodautoscalers.autoscaling" in check(plan, "rights").detail


DATABASE = {"host": "db.example.org", "cidr": "10.0.0.0/24", "secret": "team-db"}


def test_the_secret_of_a_database_must_be_there_with_its_keys(api: FakeApi, tmp_path: Path) -> None:
    plan = planned(tmp_path, database=DATABASE)
    missing = check(plan, "Secret team-db")
    assert not missing.ok
    assert missing.detail == f"not in namespace {namespace_of(plan)}"
    assert "with the keys airflow, mlflow, as `database.secret`" in missing.remedy
    place = f"{path_of(plan)}/secrets/team-db"
    api.documents[place] = named("team-db", data={"airflow": "aHVzaA=="})
    assert check(plan, "Secret team-db").detail == "lacks mlflow"
    api.documents[place] = named("team-db", data={"airflow": "aHVzaA==", "mlflow": "aHVzaA=="})
    assert check(plan, "Secret team-db").ok


def test_a_database_that_is_not_ours_is_not_restored(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="restore it where it runs"):
        KubernetesOperations(planned(tmp_path, database=DATABASE)).backups()


STORE = {
    "endpoint": "https://s3.example.org",
    "cidr": "10.0.0.0/24",
    "secret": "team-s3",
    "buckets": {role: f"pilot-{role}" for role in ("data", "artifacts", "logs", "backups")},
}


def encoded(**values: str) -> dict[str, str]:
    """As a Secret's `data`, whose names have dashes."""
    return {
        name.replace("_", "-"): b64encode(value.encode()).decode() for name, value in values.items()
    }


def test_the_secret_of_a_store_must_be_there_with_its_keys(api: FakeApi, tmp_path: Path) -> None:
    plan = planned(tmp_path, objectStore=STORE)
    missing = check(plan, "Secret team-s3")
    assert not missing.ok
    assert "logs-access, logs-secret, backups-access" in missing.remedy
    place = f"{path_of(plan)}/secrets/team-s3"
    given = {f"{role}_{end}": "a" for role in STORE["buckets"] for end in ("access", "secret")}
    api.documents[place] = named("team-s3", data=encoded(**given))
    assert check(plan, "Secret team-s3").ok
    del given["logs_secret"], given["data_access"]
    api.documents[place] = named("team-s3", data=encoded(**given))
    assert check(plan, "Secret team-s3").detail == "lacks data-access, logs-secret"


def test_a_secret_for_database_and_store_has_the_keys_of_both(api: FakeApi, tmp_path: Path) -> None:
    plan = planned(tmp_path, objectStore={**STORE, "secret": "team-db"}, database=DATABASE)
    api.documents[f"{path_of(plan)}/secrets/team-db"] = named("team-db", data={})
    (only,) = [each for each in preflight(plan) if each.name.startswith("Secret")]
    assert only.detail.startswith("lacks airflow, mlflow, data-access, data-secret")
    assert "backups" not in only.detail


def test_where_nothing_is_kept_in_the_cluster_no_storage_class_is_needed(
    api: FakeApi, tmp_path: Path
) -> None:
    both = planned(tmp_path, objectStore=STORE, database=DATABASE)
    assert not [e for e in preflight(both) if e.name == "storage class"]
    assert check(planned(tmp_path, objectStore=STORE), "storage class")


def promised() -> Contract:
    """The contract of a stack whose store is not its own, as its outputs have it."""
    storage = Capability(
        uri="s3://pilot-data",
        console="",
        environment={"AWS_ENDPOINT_URL_S3": "https://s3.example.org", "AWS_REGION": "us-east-1"},
    )
    empty = Capability(uri="", console="")
    return Contract(storage=storage, compute=empty, tracking=empty, orchestration=empty)


def test_the_keys_of_a_store_that_is_not_ours_are_read_when_they_are_needed(
    api: FakeApi, tmp_path: Path
) -> None:
    plan = planned(tmp_path, objectStore=STORE)
    keys = encoded(data_access="key", data_secret="hush", logs_access="other")
    api.documents[f"{path_of(plan)}/secrets/team-s3"] = named("team-s3", data=keys)
    with KubernetesOperations(plan).accessible(promised()) as accessible:
        found = accessible.storage
    assert found.secrets == {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hush"}
    assert found.environment == promised().storage.environment
    assert found.uri == "s3://pilot-data"


def test_keys_that_are_not_there_are_named(api: FakeApi, tmp_path: Path) -> None:
    plan = planned(tmp_path, objectStore=STORE)
    lacks = "Secret team-s3 of namespace .* lacks {}: add"
    with (
        pytest.raises(PilothouseError, match=lacks.format("data-access, data-secret")),
        KubernetesOperations(plan).accessible(promised()),
    ):
        pass
    keys = encoded(data_access="hush")
    api.documents[f"{path_of(plan)}/secrets/team-s3"] = named("team-s3", data=keys)
    with (
        pytest.raises(PilothouseError, match=lacks.format("data-secret")),
        KubernetesOperations(plan).accessible(promised()),
    ):
        pass


def deployment(name: str, ready: int, wanted: int) -> dict[str, Any]:
    template = {"metadata": {}, "spec": {"containers": [{"name": name}]}}
    spec = {"replicas": wanted, "selector": {}, "template": template}
    return named(name, spec=spec, status=counts(ready, wanted))


def counts(ready: int, wanted: int) -> dict[str, int]:
    return {"readyReplicas": ready, "replicas": wanted, "updatedReplicas": wanted}


def pod(name: str, reason: str) -> dict[str, Any]:
    waiting = {"waiting": {"reason": reason, "message": "no such image"}}
    status = {
        "name": "main", "ready": False, "restartCount": 0, "image": "", "imageID": "",
        "state": waiting,
    }  # fmt: skip
    return named(
        name, spec={"containers": [{"name": "main"}]}, status={"containerStatuses": [status]}
    )


def test_a_service_that_is_not_ready_has_its_pods_reason(api: FakeApi, plan: Plan) -> None:
    apps = f"/apis/apps/v1/namespaces/{namespace_of(plan)}"
    api.documents[f"{apps}/deployments"] = listed(deployment("mlflow", 0, 2))
    api.documents[f"{apps}/statefulsets"] = listed(
        {
            **deployment("postgres", 1, 1),
            "spec": {**deployment("p", 1, 1)["spec"], "serviceName": ""},
        }
    )
    api.documents[f"{path_of(plan)}/pods"] = listed(pod("mlflow-1", "ErrImagePull"))
    mlflow, postgres = KubernetesOperations(plan).services()
    assert (postgres.name, postgres.state) == ("postgres", "running")
    assert mlflow.state == "failed"
    assert mlflow.detail == "0 of 2 ready; mlflow-1: ErrImagePull no such image"
    api.documents[f"{path_of(plan)}/pods"] = listed(pod("mlflow-1", "ContainerCreating"))
    assert KubernetesOperations(plan).services()[0].state == "starting"


@pytest.fixture
def unready(api: FakeApi, plan: Plan) -> FakeApi:
    """A namespace with one service, of which no pod is ready."""
    apps = f"/apis/apps/v1/namespaces/{namespace_of(plan)}"
    api.documents[f"{apps}/deployments"] = listed(deployment("mlflow", 0, 2))
    api.documents[f"{apps}/statefulsets"] = listed()
    api.documents[f"{path_of(plan)}/pods"] = listed()
    return api


def why(plan: Plan) -> str:
    """The reason of the only service that is told of; it has failed."""
    (status,) = KubernetesOperations(plan).services()
    assert status.state == "failed"
    return status.detail.partition("; ")[2]


def test_a_pod_that_no_node_takes_has_the_schedulers_reason(unready: FakeApi, plan: Plan) -> None:
    reason = {"reason": "Unschedulable", "message": "0/1 nodes are available"}
    conditions = [{"type": "PodScheduled", "status": "False", **reason}]
    waiting = named(
        "mlflow-1",
        spec={"containers": [{"name": "main"}]},
        status={"phase": "Pending", "conditions": conditions},
    )
    unready.documents[f"{path_of(plan)}/pods"] = listed(waiting)
    assert why(plan) == "mlflow-1: Unschedulable 0/1 nodes are available"


def test_pods_that_a_quota_forbids_have_the_controllers_reason(
    unready: FakeApi, plan: Plan
) -> None:
    forbidden = {"reason": "FailedCreate", "message": "exceeded quota: full"}
    (found,) = unready.documents[apps_of(plan)]["items"]
    found["status"]["conditions"] = [{"type": "ReplicaFailure", "status": "True", **forbidden}]
    assert why(plan) == "FailedCreate exceeded quota: full"


@pytest.mark.parametrize(("minutes", "told"), [(1, True), (10, False)])
def test_a_volume_that_cannot_be_mounted_is_told_while_it_is_so(
    unready: FakeApi, plan: Plan, minutes: int, told: bool
) -> None:
    unready.documents[f"{path_of(plan)}/pods"] = listed(pod("mlflow-1", "ContainerCreating"))
    seen = datetime.now(UTC) - timedelta(minutes=minutes)
    event = {
        **named("event", reason="FailedMount", message='secret "files" not found'),
        "involvedObject": {"name": "mlflow-1"},
        "lastTimestamp": seen.isoformat(),
    }
    unready.documents[f"{path_of(plan)}/events"] = listed(event)
    details = [status.detail for status in KubernetesOperations(plan).services()]
    assert details == ["0 of 2 ready" + '; mlflow-1: FailedMount secret "files" not found' * told]


def test_a_set_up_job_is_told_of_only_if_it_cannot_get_on(unready: FakeApi, plan: Plan) -> None:
    unready.documents[apps_of(plan)] = listed()
    jobs = f"/apis/batch/v1/namespaces/{namespace_of(plan)}/jobs"
    spec = {"template": {"metadata": {}, "spec": {"containers": [{"name": "job"}]}}}
    unready.documents[jobs] = listed(named("mlflow-setup", spec=spec, status={}))
    assert KubernetesOperations(plan).services() == []
    unready.documents[f"{path_of(plan)}/pods"] = listed(pod("mlflow-setup-1", "ErrImagePull"))
    assert why(plan) == "mlflow-setup-1: ErrImagePull no such image"


def test_pods_of_before_a_change_do_not_count(unready: FakeApi, plan: Plan) -> None:
    (found,) = unready.documents[apps_of(plan)]["items"]
    found["status"] = {"replicas": 3, "updatedReplicas": 1, "readyReplicas": 2}
    assert [status.state for status in KubernetesOperations(plan).services()] == ["starting"]


def test_the_log_of_an_unknown_service_names_those_that_are_there(api: FakeApi, plan: Plan) -> None:
    apps = f"/apis/apps/v1/namespaces/{namespace_of(plan)}"
    api.documents[f"{apps}/deployments"] = listed(deployment("mlflow", 1, 1))
    api.documents[f"{apps}/statefulsets"] = listed()
    api.documents[f"{path_of(plan)}/pods"] = listed()
    with pytest.raises(PilothouseError, match=r"no pod of 'mlfow'; there are: mlflow"):
        list(KubernetesOperations(plan).logs("mlfow", 5))


def volume(name: str, namespace: str) -> dict[str, Any]:
    claim = {"namespace": namespace, "name": "data"}
    return named(name, spec={"claimRef": claim}, status={"phase": "Released"})


def test_a_namespace_and_volumes_that_are_left_are_found(api: FakeApi, plan: Plan) -> None:
    assert KubernetesOperations(plan).leftovers(keep_data=False) == []
    api.documents["/api/v1/namespaces"] = listed(named("pilot", dict(plan.tags)))
    ours, foreign = volume("pv-1", namespace_of(plan)), volume("pv-2", "elsewhere")
    api.documents["/api/v1/persistentvolumes"] = listed(ours, foreign)
    found = KubernetesOperations(plan).leftovers(keep_data=False)
    assert [(item.kind, item.name, item.verdict) for item in found] == [
        ("namespace", "pilot", "present"),
        ("persistent volume", "pv-1", "present"),
    ]


def test_what_cannot_be_looked_for_fails_the_proof(api: FakeApi, plan: Plan) -> None:
    api.status = 403
    with pytest.raises(PilothouseError, match="refuses: that is forbidden here"):
        KubernetesOperations(plan).leftovers(keep_data=False)


def test_a_sweep_removes_our_namespace_and_nobody_elses(api: FakeApi, plan: Plan) -> None:
    KubernetesOperations(plan).clean_up(keep_data=False)
    api.documents[path_of(plan)] = named(namespace_of(plan))
    KubernetesOperations(plan).clean_up(keep_data=False)
    assert api.deleted == []
    api.documents[path_of(plan)] = named(namespace_of(plan), dict(plan.tags))
    KubernetesOperations(plan).clean_up(keep_data=False)
    assert api.deleted == [path_of(plan)]


@pytest.fixture
def keeping(api: FakeApi, plan: Plan) -> FakeApi:
    """A namespace of ours in which one pod is left beside the volume, as a killed run left it."""
    space = namespace_of(plan)
    ours = named(space, dict(plan.tags))
    api.documents |= {path_of(plan): ours, "/api/v1/namespaces": listed(ours)}
    api.documents[f"{path_of(plan)}/pods"] = listed(pod("task-1", "ContainerCreating"))
    bound = volume("pv-1", space) | {"status": {"phase": "Bound"}}
    api.documents["/api/v1/persistentvolumes"] = listed(bound)
    return api


def test_where_data_are_kept_only_volumes_and_their_namespace_may_stay(
    keeping: FakeApi, plan: Plan
) -> None:
    found = {
        item.kind: item.verdict for item in KubernetesOperations(plan).leftovers(keep_data=True)
    }
    assert found == {"namespace": "kept", "object": "present", "persistent volume": "kept"}
    assert {item.verdict for item in KubernetesOperations(plan).leftovers(keep_data=False)} == {
        "present"
    }


def test_a_volume_that_is_no_longer_claimed_is_not_kept(keeping: FakeApi, plan: Plan) -> None:
    keeping.documents["/api/v1/persistentvolumes"] = listed(volume("pv-1", namespace_of(plan)))
    found = {
        item.kind: item.verdict for item in KubernetesOperations(plan).leftovers(keep_data=True)
    }
    assert found["persistent volume"] == "present"


def test_a_sweep_that_keeps_data_takes_everything_else(keeping: FakeApi, plan: Plan) -> None:
    pods = f"{path_of(plan)}/pods"
    keeping.documents[f"{pods}/task-1"] = named("task-1")
    keeping.gone[f"{pods}/task-1"] = (pods, listed())
    KubernetesOperations(plan).clean_up(keep_data=True)
    assert keeping.deleted == [f"{pods}/task-1"]


def test_a_route_that_a_killed_run_left_is_found_and_taken(
    keeping: FakeApi, tmp_path: Path
) -> None:
    gateway = {"name": "main", "namespace": "gateways", "sectionName": "https"}
    exposure = {"gateway": gateway, "controller": {"namespace": "gateways"}}
    plan = planned(tmp_path, exposure=exposure)
    keeping.documents[f"{path_of(plan)}/pods"] = listed()
    group = "/apis/gateway.networking.k8s.io/v1"
    routes = f"{group}/namespaces/{namespace_of(plan)}/httproutes"
    keeping.documents |= {routes: listed(named("mlflow")), f"{routes}/mlflow": named("mlflow")}
    found = {item.name for item in KubernetesOperations(plan).leftovers(keep_data=True)}
    assert "httproute mlflow" in found
    keeping.gone[f"{routes}/mlflow"] = (routes, listed())
    KubernetesOperations(plan).clean_up(keep_data=True)
    assert keeping.deleted == [f"{routes}/mlflow"]
    del keeping.documents[routes]
    kinds = [item.kind for item in KubernetesOperations(plan).leftovers(keep_data=True)]
    assert "object" not in kinds


def test_a_local_data_volume_stays_and_what_can_be_made_again_goes(plan: Plan) -> None:
    operations = KubernetesOperations(plan)
    retained = {kind for kind in MOCKED if operations.is_retained({"type": kind})}
    assert {kind.rpartition(":")[2] for kind in retained} == {
        "Namespace",
        "PersistentVolumeClaim",
        "Secrets",
    }


def test_addresses_in_the_cluster_become_ports_of_this_machine(api: FakeApi, plan: Plan) -> None:
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
    with KubernetesOperations(plan).accessible(given) as accessible:
        found = accessible.tracking
    assert found.uri.startswith("http://127.0.0.1:")
    assert found.environment["MLFLOW_TRACKING_URI"] == found.console == found.uri
    assert found.probes[0].address == f"{found.uri}/health"
    assert found.secrets == tracking.secrets


def test_a_client_never_shows_its_credentials(api: FakeApi, plan: Plan) -> None:
    api.status = 401
    with pytest.raises(PilothouseError) as caught:
        Cluster(plan.settings).version()
    assert "hush" not in str(caught.value)
