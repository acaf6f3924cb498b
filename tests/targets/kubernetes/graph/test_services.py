"""What the services of the kubernetes target are told, and by which keys they come to their own."""

import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from pilothouse.services.airflow.settings import (
    API_SERVER,
    CONFIGURATION_FILE,
    CONFIGURATION_VARIABLE,
    DAG_ID,
    DAG_PROCESSOR,
    SCHEDULER,
    TRIGGERER,
)
from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from pilothouse.targets.kubernetes.objects import pods
from pilothouse.targets.kubernetes.objects.pods import SECRETS, Program, with_secrets
from pilothouse.targets.kubernetes.objects.rbac import RBAC_RULES
from pilothouse.targets.kubernetes.objects.sizing import SMALL
from pilothouse.targets.kubernetes.settings import images
from pilothouse.targets.kubernetes.settings.component_table import (
    ALLOWED_CONNECTIONS,
    BACKUP_JOB,
    BUCKETS_JOB,
    EXPIRY,
    MLFLOW,
    POSTGRES,
    RESTORE_JOB,
    SEAWEEDFS,
    TASK,
    WORKLOAD,
)
from tests.targets.conftest import GraphOf
from tests.targets.kubernetes.policies.manifests import Manifests, Pod, manifests_of
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, revealed
from tests.targets.suite.secrets import MARK

MINIMAL = platforms.ROOT / "examples/minimal.yaml"


OTHER_PROGRAMS = (EXPIRY, WORKLOAD, BUCKETS_JOB, BACKUP_JOB, RESTORE_JOB)
"""What runs in Airflow's image, by its Python and boto3 alone."""


@pytest.fixture(scope="module")
def stack(graph_of: GraphOf) -> Manifests:
    return manifests_of(graph_of(MINIMAL, "kubernetes"))


@pytest.fixture(scope="module")
def local(minimal: Recording) -> Recording:
    return minimal


def data(stack: Manifests, kind: str, name: str) -> dict[str, str]:
    found = stack.named(kind, name) or {}
    return {**found.get("data", {}), **found.get("stringData", {})}


def pod(stack: Manifests, source: str) -> Pod:
    (found,) = (pod for pod in stack.pods if pod.source == source)
    return found


def variables(pod: Pod) -> dict[str, str]:
    return {each["name"]: each["value"] for each in pod.containers[0]["env"]}


def told_locally(local: Recording, label: str) -> set[str]:
    inputs: Any = revealed(dict(local.one(label).inputs))
    return {*inputs["environment"], *inputs["secrets"]}


def test_mlflow_has_the_same_variables_as_on_a_machine(stack: Manifests, local: Recording) -> None:
    given = {*variables(pod(stack, "Deployment mlflow")), *data(stack, "Secret", "mlflow")}
    wanted = {name for name in told_locally(local, "Service mlflow") if not name.startswith("_")}
    # There the server is started without its command, which takes these three.
    inside = {"MLFLOW_BACKEND_STORE_URI", "MLFLOW_ARTIFACTS_DESTINATION", "HOME"}
    assert given == wanted | inside | {"MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"}


def test_airflow_has_the_same_variables_as_on_a_machine(stack: Manifests, local: Recording) -> None:
    given = {
        *data(stack, "ConfigMap", "airflow"),
        *data(stack, "Secret", "airflow"),
        *data(stack, "Secret", "airflow-task"),
    }
    # There a process reads its secrets from a file; the set-up job has them as variables.
    told = told_locally(local, "Service airflow-scheduler") | told_locally(
        local, "Job airflow-setup"
    )
    there = {CONFIGURATION_VARIABLE, "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"}
    wanted = {
        name for name in told - there if name.startswith("AIRFLOW") and not name.endswith("_HOST")
    }
    assert wanted
    assert given - wanted == {
        "AIRFLOW_HOME",
        "AIRFLOW__CORE__EXECUTOR",
        "AIRFLOW__KUBERNETES_EXECUTOR__NAMESPACE",
        "AIRFLOW__KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE",
    }
    assert wanted <= given


def test_every_process_of_airflow_has_the_settings(stack: Manifests) -> None:
    for found in stack.pods:
        runs_airflow = found.containers[0]["image"].startswith("docker.io/apache/airflow")
        if runs_airflow and found.labels[COMPONENT_LABEL] not in OTHER_PROGRAMS:
            assert {"configMapRef": {"name": "airflow"}} in found.containers[0]["envFrom"]


def test_the_scheduler_creates_a_pod_for_each_task(stack: Manifests) -> None:
    told = data(stack, "ConfigMap", "airflow")
    assert told["AIRFLOW__CORE__EXECUTOR"] == "KubernetesExecutor"
    template = told["AIRFLOW__KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE"]
    assert template in mounted(pod(stack, f"Deployment {SCHEDULER}"))
    assert variables(pod(stack, "ConfigMap airflow-files task.yaml")) == {
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor"
    }


def test_readers_of_dags_have_them_and_the_pod_template(stack: Manifests) -> None:
    folder = data(stack, "ConfigMap", "airflow")["AIRFLOW__CORE__DAGS_FOLDER"]
    for source in (f"Deployment {DAG_PROCESSOR}", "ConfigMap airflow-files task.yaml"):
        assert mounted(pod(stack, source)) >= {f"{folder}/{DAG_ID}.py", "/config/workload.yaml"}


def test_the_code_of_dag_files_inherits_no_key_of_airflow(stack: Manifests) -> None:
    parser = pod(stack, f"Deployment {DAG_PROCESSOR}")
    assert not [path for path in mounted(parser) if path.startswith(SECRETS)]
    assert not [name for name in variables(parser) if name.startswith("AIRFLOW__")]
    assert parser.containers[0]["envFrom"][0] == {"configMapRef": {"name": "airflow"}}
    assert variables(parser)[CONFIGURATION_VARIABLE] in mounted(parser)


def test_the_dag_processor_has_a_file_with_what_it_needs_and_no_more(stack: Manifests) -> None:
    given = data(stack, "Secret", DAG_PROCESSOR)
    told = ConfigParser()
    told.read_string(given.pop(CONFIGURATION_FILE))
    assert given == {}
    settings = {
        f"AIRFLOW__{section}__{key}".upper(): value
        for section in told.sections()
        for key, value in told[section].items()
    }
    everything = data(stack, "Secret", "airflow")
    assert everything.items() > settings.items()
    assert everything.keys() - settings.keys() == {
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
    }


def mounted(pod: Pod) -> set[str]:
    return {mount["mountPath"] for mount in pod.containers[0]["volumeMounts"]}


def test_airflow_knows_the_containers_of_what_it_starts(stack: Manifests) -> None:
    """It looks for one of this name, and adds another where there is none."""
    names = [p.spec["containers"][0]["name"] for p in stack.pods if p.kind == "ConfigMap"]
    assert names == ["base", "base"]


def test_commands_and_probes_read_their_secrets_first(stack: Manifests) -> None:
    reading = [
        container
        for pod in stack.pods
        for container in pod.containers
        if any(m["mountPath"].startswith(f"{SECRETS}/") for m in container["volumeMounts"])
    ]
    assert len(reading) > 5
    for container in reading:
        probes = [
            container.get(f"{name}Probe", {}) for name in ("startup", "readiness", "liveness")
        ]
        asked = [probe["exec"]["command"] for probe in probes if "exec" in probe]
        for shell, _, script, *_ in [container["command"], *asked]:
            assert shell == "sh"
            assert script.startswith(f"for file in {SECRETS}/")


def test_a_command_gets_its_secrets_unchanged_and_the_last_of_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pods, "SECRETS", str(tmp_path))
    given = {
        "airflow": {"URL": "first", "KEY": "a 'b' \"c\" $d `e` \\n"},
        "airflow-b": {"URL": "last"},
    }
    for name, keys in given.items():
        (tmp_path / name).mkdir()
        for key, value in keys.items():
            (tmp_path / name / key).write_text(value)
    program = Program(
        component="a",
        image="i",
        command=[],
        resources=SMALL["job"],
        secrets=["airflow", "airflow-b"],
    )
    command = with_secrets(program, ["printenv", "URL", "KEY"])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["last", given["airflow"]["KEY"]]


def test_each_application_has_the_keys_of_its_own_bucket(stack: Manifests) -> None:
    key = f"{MARK}-storage-secrets-{{}}-access"
    assert data(stack, "Secret", "mlflow")["AWS_ACCESS_KEY_ID"] == key.format("artifacts")
    assert data(stack, "Secret", "workload")["AWS_ACCESS_KEY_ID"] == key.format("data")
    assert data(stack, "Secret", "buckets")["AWS_ACCESS_KEY_ID"] == key.format("admin")
    assert key.format("logs") in data(stack, "Secret", "airflow-task")["AIRFLOW_CONN_S3LOGS"]
    destination = variables(pod(stack, "Deployment mlflow"))["MLFLOW_ARTIFACTS_DESTINATION"]
    assert "-artifacts-" in destination
    assert "-data-" in data(stack, "Secret", "workload")["DATA_URI"]
    logs = data(stack, "ConfigMap", "airflow")["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"]
    assert "-logs-" in logs


def test_each_application_has_its_own_databases_by_its_own_password(stack: Manifests) -> None:
    held = data(stack, "Secret", "postgres")
    stored = data(stack, "Secret", "mlflow")["MLFLOW_BACKEND_STORE_URI"]
    users = data(stack, "Secret", "mlflow-files")["basic_auth.ini"]
    airflow = data(stack, "Secret", "airflow")
    assert f"//mlflow:{held['mlflow']}@" in stored
    assert stored.endswith("/mlflow")
    assert f"//mlflow:{held['mlflow']}@" in users
    assert "/mlflow_auth\n" in users
    for name in (
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC",
    ):
        assert f"//airflow:{held['airflow']}@" in airflow[name]
        assert airflow[name].endswith("/airflow")


def test_every_secret_of_airflow_and_mlflow_differs(stack: Manifests) -> None:
    airflow, mlflow = data(stack, "Secret", "airflow"), data(stack, "Secret", "mlflow")
    values = [*airflow.values(), *mlflow.values()]
    assert len(values) == len(set(values)) == 10


def test_servers_listen_on_the_port_of_their_service(stack: Manifests) -> None:
    mlflow, store = (
        pod(stack, source).containers[0]
        for source in ("Deployment mlflow", "StatefulSet seaweedfs")
    )
    assert f"--port={mlflow['ports'][0]['containerPort']}" in mlflow["command"]
    assert f"-s3.port={store['ports'][0]['containerPort']}" in store["command"]
    told = data(stack, "ConfigMap", "airflow")
    api, scheduler = (
        pod(stack, f"Deployment {name}").containers[0] for name in (API_SERVER, SCHEDULER)
    )
    assert int(told["AIRFLOW__API__PORT"]) == api["ports"][0]["containerPort"]
    health = told["AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT"]
    assert int(health) == scheduler["ports"][0]["containerPort"]


def test_a_run_has_the_connections_that_it_needs() -> None:
    """Who calls whom in one run of the workload, as Airflow and MLflow work."""
    for client, servers in {
        SCHEDULER: {POSTGRES, API_SERVER},
        DAG_PROCESSOR: {POSTGRES},
        TRIGGERER: {POSTGRES, API_SERVER},
        API_SERVER: {POSTGRES, SEAWEEDFS},
        TASK: {API_SERVER, SEAWEEDFS},
        WORKLOAD: {MLFLOW, SEAWEEDFS},
        MLFLOW: {POSTGRES, SEAWEEDFS},
    }.items():
        assert servers <= set(ALLOWED_CONNECTIONS[client])


def test_airflow_may_create_read_and_delete_pods() -> None:
    for component in (SCHEDULER, TASK):
        granted = {
            (r, verb)
            for rule in RBAC_RULES[component]
            for r in rule["resources"]
            for verb in rule["verbs"]
        }
        pods = {"create", "get", "list", "watch", "patch", "delete"}
        assert granted >= {("pods", verb) for verb in pods}
        assert granted >= {("pods/log", "get"), ("events", "list")}


def test_every_published_image_has_a_version() -> None:
    for reference in images.default_images().values():
        name, _, tag = reference.rpartition(":")
        assert name
        assert any(character.isdigit() for character in tag)
