"""What the graph of the local target promises: order, loopback, names, and few imports."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pilothouse.services.mlflow.settings import LOOPBACK_HOSTS
from pilothouse.targets.local.processes.layout import PORTS
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recorded, Recording, plain, revealed

AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
SERVICES = ["expiry", "postgres", "seaweedfs", "mlflow", *(f"airflow-{part}" for part in AIRFLOW)]
IPV4 = re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
HOST_OPTION = re.compile(r"(?:^|-)(?:host|ip|ip\.bind|listen_addresses|bind)=(.*)")


def test_these_are_the_services(minimal: Recording) -> None:
    assert sorted(r.name for r in minimal.kind("Service")) == sorted(SERVICES)


def test_what_holds_data_is_protected_and_nothing_else(minimal: Recording) -> None:
    assert {resource.label for resource in minimal if resource.protect} == {
        "Home home",
        "PostgresCluster postgres-cluster",
        *(f"Bucket {role}-bucket" for role in ("data", "artifacts", "logs")),
    }


@pytest.mark.parametrize("part", AIRFLOW)
def test_airflow_ends_before_what_it_stands_on(minimal: Recording, part: str) -> None:
    needed = minimal.needs(minimal.one(f"Service airflow-{part}"))
    assert needed >= {"Service postgres", "Service seaweedfs", "Service mlflow"}
    assert needed >= {"Ready postgres-ready", "Environment airflow"}


def test_airflow_starts_when_its_database_is_migrated(minimal: Recording) -> None:
    marker = minimal.one("Job airflow-setup").inputs["command"][-1]
    assert [minimal.one(f"Service airflow-{part}").inputs["wait_for"] for part in AIRFLOW] == [
        marker
    ] * len(AIRFLOW)


def test_mlflow_ends_before_what_it_stands_on(minimal: Recording) -> None:
    needed = minimal.needs(minimal.one("Service mlflow"))
    assert needed >= {"Service postgres", "Service seaweedfs", "Environment mlflow"}
    assert not any("airflow" in label for label in needed)


def test_the_stores_wait_for_nobody_but_their_own(minimal: Recording) -> None:
    """They start together, at once; that is half of the speed of a start."""
    for name in ("postgres", "seaweedfs"):
        needed = minimal.needs(minimal.one(f"Service {name}"))
        assert {label for label in needed if label.startswith(("Service", "Ready", "Job"))} == set()


def test_postgres_starts_on_a_whole_cluster(minimal: Recording) -> None:
    postgres, cluster = minimal.one("Service postgres"), "PostgresCluster postgres-cluster"
    assert cluster in minimal.needs(postgres)
    after = postgres.property_dependencies["after"]
    assert {minimal.resources[urn].label for urn in after} == {cluster}


def test_the_supervisor_ends_after_every_service_and_job(minimal: Recording) -> None:
    served = [*minimal.kind("Service"), *minimal.kind("Job"), *minimal.kind("Ready")]
    assert len(served) == 13
    for resource in served:
        assert "Supervisor supervisor" in minimal.needs(resource), resource.label


def test_the_folder_goes_last(minimal: Recording) -> None:
    stateful = [r for r in minimal if r.custom and r.label != "Home home"]
    for resource in stateful:
        if resource.type.endswith(":Environment"):
            assert resource.retain_on_delete
        else:
            assert "Home home" in minimal.needs(resource), resource.label


def test_every_bucket_and_user_waits_for_its_server(minimal: Recording) -> None:
    for role in ("data", "artifacts", "logs"):
        assert "Service seaweedfs" in minimal.needs(minimal.one(f"Bucket {role}-bucket"))
    for users in ("MlflowUser workload", "MlflowPeople mlflow-people"):
        assert "Ready mlflow-ready" in minimal.needs(minimal.one(users))


def test_the_last_gate_waits_for_all_of_airflow(minimal: Recording) -> None:
    needed = minimal.needs(minimal.one("Ready airflow-ready"))
    assert needed >= {f"Service airflow-{part}" for part in AIRFLOW}


def values(resource: Recorded) -> list[str]:
    """Every text in the inputs, with the lines of files apart."""
    found: list[str] = []
    waiting: list[object] = [revealed(dict(resource.inputs))]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            waiting += current.values()
        elif isinstance(current, list):
            waiting += current
        elif isinstance(current, str):
            found += current.splitlines()
    return found


def test_no_address_but_loopback_is_anywhere(minimal: Recording) -> None:
    addresses = {address for r in minimal for text in values(r) for address in IPV4.findall(text)}
    assert addresses == {"127.0.0.1"}
    assert [r.label for r in minimal for text in values(r) if "[::]" in text or "*:" in text] == []


def test_every_host_option_is_loopback(minimal: Recording) -> None:
    options = {
        r.name: [m[1] for text in r.inputs["command"] if (m := HOST_OPTION.search(text))]
        for r in minimal.kind("Service")
    }
    assert options["postgres"] == options["mlflow"] == ["127.0.0.1"]
    assert options["seaweedfs"] == ["127.0.0.1", "127.0.0.1"]
    assert {host for hosts in options.values() for host in hosts} == {"127.0.0.1"}
    for part in AIRFLOW:
        settings = minimal.one(f"Service airflow-{part}").inputs["environment"]
        assert settings["AIRFLOW__API__HOST"] == "127.0.0.1"
        health = "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST"
        assert settings[health] == "127.0.0.1"


def test_the_consoles_work_at_any_port_of_this_machine(minimal: Recording) -> None:
    mlflow = minimal.one("Service mlflow").inputs["environment"]
    assert mlflow["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",") == [*LOOPBACK_HOSTS]
    uri = plain(minimal.outputs["contract"])["orchestration"]["uri"]
    for part in AIRFLOW:
        settings = minimal.one(f"Service airflow-{part}").inputs["environment"]
        assert settings["AIRFLOW__API__BASE_URL"] == "/"
        assert settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"{uri}/execution/"


def test_every_port_of_the_layout_is_declared_by_one_service(minimal: Recording) -> None:
    declared = sorted(port for r in minimal.kind("Service") for port in r.inputs["ports"])
    first = declared[0]
    assert declared == [first + offset for offset in range(len(PORTS))]


def test_buckets_have_bounded_names_whatever_the_stack_is_called(tmp_path: Path) -> None:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path)
    graph = platforms.recorded(project, "local", stack="A_Very.Long-Stack" * 5)
    names = [r.inputs["bucket"] for r in graph.kind("Bucket")]
    assert len(set(names)) == 3
    assert all(re.fullmatch("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", name) for name in names)


def test_only_the_first_bucket_keys_are_with_the_workload(minimal: Recording) -> None:
    """Airflow's tasks get the keys of the data bucket, and nobody's admin password."""
    given = revealed(minimal.one("Service airflow-scheduler").inputs["files"])["workload.json"]
    assert "storage-secrets-data-access" in given
    assert "-admin" not in given
    assert "artifacts" not in given
    assert "logs" not in given


@pytest.mark.parametrize("part", AIRFLOW)
def test_no_key_of_airflows_own_is_in_an_environment_that_its_children_inherit(
    minimal: Recording, part: str
) -> None:
    service = minimal.one(f"Service airflow-{part}")
    inherited = json.dumps(revealed([service.inputs["environment"], service.inputs["secrets"]]))
    configuration = revealed(service.inputs["files"])["airflow.cfg"]
    for secret in ("fernet", "jwt", "api"):
        assert f"orchestration-secrets-{secret}" in configuration
    assert configuration.count("postgres-secrets-airflow") == 2
    assert "orchestration-secrets" not in inherited
    assert "postgres-secrets" not in inherited
    home = service.inputs["home"]
    assert revealed(service.inputs["environment"])["AIRFLOW_CONFIG"] == (
        f"{home}/services/airflow-{part}/airflow.cfg"
    )


@pytest.mark.parametrize("part", AIRFLOW)
def test_what_runs_code_of_dags_gets_the_variables_of_the_contract(
    minimal: Recording, part: str
) -> None:
    inputs = minimal.one(f"Service airflow-{part}").inputs
    given = {**revealed(inputs["environment"]), **revealed(inputs["secrets"])}
    contract = revealed(minimal.outputs["contract"])
    promised = {
        name: value
        for capability in ("storage", "compute", "tracking")
        for kind in ("environment", "secrets")
        for name, value in contract[capability][kind].items()
    }
    assert len(promised) == 10
    found = {name: value for name, value in given.items() if name in promised}
    assert found == ({} if part == "api-server" else promised)


def test_dags_are_found_in_the_teams_folder_and_in_the_platforms_own(
    minimal: Recording, tmp_path: Path
) -> None:
    home = minimal.one("Service airflow-scheduler").inputs["home"]
    assert bundles(minimal) == {"dags-folder": {}, "folder": {"path": f"{home}/dags"}}
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path)
    (project / "own").mkdir()
    said = platforms.recorded(project, "local", settings={"dags": {"folder": "own"}})
    assert bundles(said) == {"dags-folder": {}, "folder": {"path": str(project / "own")}}


def bundles(graph: Recording) -> dict[str, dict[str, str]]:
    """The arguments of Airflow's bundles of DAGs, which are the same for all its processes."""
    name = "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
    labels = [*(f"Service airflow-{part}" for part in AIRFLOW), "Job airflow-setup"]
    listed = {revealed(graph.one(label).inputs["environment"])[name] for label in labels}
    (text,) = listed
    return {bundle["name"]: bundle["kwargs"] for bundle in json.loads(text)}


def test_what_changes_with_the_platform(tmp_path: Path) -> None:
    text = (platforms.ROOT / "examples/minimal.yaml").read_text(encoding="utf-8")
    file = tmp_path / "changed.yaml"
    changed = "storage: {versioning: false}\ncompute: {parallelism: 7}\n"
    file.write_text(f"{text}{changed}orchestration: {{logRetentionDays: 9}}\n", encoding="utf-8")
    graph = platforms.recorded(platforms.project_of(file, tmp_path / "project"), "local")
    buckets = {
        r.name: (r.inputs["versioning"], r.inputs["retention_days"]) for r in graph.kind("Bucket")
    }
    assert buckets == {
        "data-bucket": (False, 0),
        "artifacts-bucket": (False, 0),
        "logs-bucket": (False, 9),
    }
    settings = graph.one("Service airflow-scheduler").inputs["environment"]
    assert settings["AIRFLOW__CORE__PARALLELISM"] == "7"


def test_resources_that_make_secrets_say_so(minimal: Recording) -> None:
    made = minimal.kind("Secrets")
    assert len(made) == 5
    assert all("values" in r.secret_outputs for r in made)


def test_the_providers_are_named_and_not_carried(minimal: Recording) -> None:
    """A pickled class would make every edit of a provider's code a change of the stack."""
    for resource in (r for r in minimal if r.custom):
        assert len(plain(resource.inputs["__provider"])) < 300, resource.label


PROGRAM = """
import sys
from pathlib import Path
from tests.targets.suite import platforms
platforms.recorded(Path(sys.argv[1]), "local")
unwanted = ["airflow", "boto3", "botocore", "cryptography", "httpx", "kubernetes", "mlflow",
            "pulumi_aws", "pulumi_kubernetes", "supervisor"]
print(*[name for name in unwanted if name in sys.modules])
"""


def test_a_program_imports_no_sdk_that_it_does_not_use(tmp_path: Path) -> None:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(project)],
        cwd=platforms.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
