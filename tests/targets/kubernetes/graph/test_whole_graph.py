"""What the graph of the kubernetes target promises: order, isolation, secrets in few hands."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pilothouse.targets.kubernetes import naming
from pilothouse.targets.kubernetes.components.postgres import READER
from pilothouse.targets.kubernetes.objects import images, sizing
from pilothouse.targets.kubernetes.objects.limits import quota
from pilothouse.targets.kubernetes.settings import component_table
from pilothouse.targets.kubernetes.settings.images import default_images
from tests.targets.conftest import GraphOf
from tests.targets.kubernetes.graph.pods import (
    component,
    containers,
    keys_read,
    launched,
    pods_of_airflow,
    secrets_of,
    template,
)
from tests.targets.suite import mocked_types, platforms
from tests.targets.suite.recorder import Recording, revealed
from tests.targets.suite.secrets import MARK

PROVIDER = "pulumi:providers:kubernetes"


@pytest.fixture(scope="module")
def graph(graph_of: GraphOf) -> Recording:
    return graph_of(platforms.ROOT / "examples/minimal.yaml", "kubernetes")


def test_everything_but_the_namespace_is_in_the_namespace(graph: Recording) -> None:
    objects = [r for r in graph if r.type.startswith("kubernetes:")]
    names = {
        revealed(dict(r.inputs))["metadata"].get("namespace")
        for r in objects
        if r.label != "Namespace namespace"
    }
    (namespace,) = names
    assert namespace == graph.one("Namespace namespace").inputs["metadata"]["name"]
    assert all(r.provider for r in objects)


def test_every_object_is_labelled_with_owner_and_expiry(graph: Recording) -> None:
    for resource in (r for r in graph if r.type.startswith("kubernetes:")):
        labels = resource.inputs["metadata"]["labels"]
        assert {"pilothouse-owner", "pilothouse-expires", "pilothouse-stack"} <= set(labels)


def test_what_holds_data_is_protected_and_nothing_else(graph: Recording) -> None:
    assert {resource.label for resource in graph if resource.protect} == {
        "Namespace namespace",
        "PersistentVolumeClaim postgres",
        "PersistentVolumeClaim seaweedfs",
    }


def test_no_pod_runs_before_its_policies_and_limits_exist(graph: Recording) -> None:
    for resource in launched(graph):
        name = component(template(resource))
        assert graph.needs(resource) >= {
            "NetworkPolicy default-deny",
            f"NetworkPolicy {name}",
            f"ServiceAccount {name}",
            "ResourceQuota platform",
        }


def test_pods_of_tasks_have_their_policies_before_the_scheduler_runs(
    graph: Recording,
) -> None:
    needed = graph.needs(graph.one("Deployment airflow-scheduler"))
    for pod in pods_of_airflow(graph).values():
        assert {f"NetworkPolicy {component(pod)}", f"ServiceAccount {component(pod)}"} <= needed


def test_airflow_starts_when_its_database_is_migrated(graph: Recording) -> None:
    for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
        needed = graph.needs(graph.one(f"Deployment airflow-{name}"))
        assert {"Job airflow-setup", "StatefulSet postgres", "Job buckets"} <= needed


def test_no_probe_starts_airflow_to_ask_airflow(graph: Recording) -> None:
    for name, job in (("dag-processor", "DagProcessorJob"), ("triggerer", "TriggererJob")):
        (container,) = template(graph.one(f"Deployment airflow-{name}"))["spec"]["containers"]
        for probe in ("startupProbe", "livenessProbe"):
            command = container[probe]["exec"]["command"]
            assert "python" in command
            assert "airflow" not in command
            assert command[-1] == job


def test_servers_drain_before_they_end(graph: Recording) -> None:
    for name in ("mlflow", "airflow-api-server"):
        spec = template(graph.one(f"Deployment {name}"))["spec"]
        slept = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert 0 < slept < spec["terminationGracePeriodSeconds"]


def test_two_mlflow_servers_start_after_their_tables_exist(graph: Recording) -> None:
    server = graph.one("Deployment mlflow")
    assert server.inputs["spec"]["replicas"] == 2
    assert {"Job mlflow-setup", "Job buckets"} <= graph.needs(server)


def test_policies_allow_exactly_the_declared_connections_in_both_directions(
    graph: Recording,
) -> None:
    opened = {
        (client, server)
        for server in component_table.PORTS
        for rule in graph.one(f"NetworkPolicy {server}").inputs["spec"]["ingress"]
        for client in (
            peer["podSelector"]["matchLabels"][naming.COMPONENT_LABEL] for peer in rule["from"]
        )
    }
    allowed = {
        (policy.name, peer["podSelector"]["matchLabels"][naming.COMPONENT_LABEL])
        for policy in graph.kind("NetworkPolicy")
        for rule in policy.inputs["spec"].get("egress", [])
        for peer in rule.get("to", [])
        if naming.COMPONENT_LABEL in peer.get("podSelector", {}).get("matchLabels", {})
    }
    declared = {
        (client, server)
        for client, to in component_table.ALLOWED_CONNECTIONS.items()
        for server in to
    }
    assert opened == allowed == declared


def test_clients_with_an_address_of_a_server_and_no_others_may_connect(graph: Recording) -> None:
    pods = [template(resource) for resource in launched(graph)] + [*pods_of_airflow(graph).values()]
    for server in (component_table.POSTGRES, component_table.SEAWEEDFS):
        told = {
            component(pod)
            for pod in pods
            if any(f"{server}." in text for text in told_to(graph, pod))
        }
        allowed = {
            client
            for client, servers in component_table.ALLOWED_CONNECTIONS.items()
            if server in servers
        }
        assert told - {server} - LOG_TO_NOTHING == allowed - LOG_TO_NOTHING, server


LOG_TO_NOTHING = {"airflow-setup", "mlflow-setup"}
"""They share the settings of others who use the store, and only use the database."""


def told_to(graph: Recording, pod: dict[str, Any]) -> Iterator[str]:
    """The environment of a pod's containers, from wherever it is, and the files of its Secrets."""
    for volume in pod["spec"]["volumes"]:
        if "secret" in volume:
            name = volume["secret"]["secretName"]
            yield from revealed(dict(graph.one(f"Secret {name}").inputs))["stringData"].values()
    for container in containers(pod):
        yield from (each.get("value", "") for each in container["env"])
        for source in container["envFrom"]:
            name = source["configMapRef"]["name"]
            yield from graph.one(f"ConfigMap {name}").inputs["data"].values()


def test_only_clients_of_the_kubernetes_api_have_a_token(graph: Recording) -> None:
    pods = [template(resource) for resource in launched(graph)]
    pods += pods_of_airflow(graph).values()
    with_token = {component(pod) for pod in pods if pod["spec"]["automountServiceAccountToken"]}
    assert with_token == set(component_table.KUBERNETES_API_CLIENTS)
    assert with_token == {binding.name for binding in graph.kind("RoleBinding")}


def test_the_pods_of_tasks_know_no_database_and_no_key_of_airflow(graph: Recording) -> None:
    for pod in pods_of_airflow(graph).values():
        (container,) = pod["spec"]["containers"]
        assert not any("secretRef" in source for source in container["envFrom"])
        (secret,) = (v["secret"]["secretName"] for v in pod["spec"]["volumes"] if "secret" in v)
        given = revealed(dict(graph.one(f"Secret {secret}").inputs))["stringData"]
        assert not any("DATABASE" in key or "FERNET" in key or "JWT" in key for key in given)
        assert "postgres" not in repr(given)


def test_what_was_deleted_in_mlflow_goes_after_the_platforms_retention(graph: Recording) -> None:
    (container,) = template(graph.one("CronJob mlflow-gc"))["spec"]["containers"]
    days = platforms.plan_of(platforms.ROOT, "kubernetes").platform.storage.retention_days
    assert container["command"][-3:] == ["/scripts/gc.py", "delete", f"{days}d"]
    assert "MLFLOW_BACKEND_STORE_URI" in secret_variables(graph, container)
    assert not any("AWS" in name for name in secret_variables(graph, container))


def test_a_backup_dumps_as_a_reader_and_uploads_without_the_database(graph: Recording) -> None:
    spec = template(graph.one("CronJob postgres-backup"))["spec"]
    (dump,), (store,) = spec["initContainers"], spec["containers"]
    assert {each["name"]: each["value"] for each in dump["env"]}["PGUSER"] == READER
    handed = {each["name"]: sorted(secret_variables(graph, each)) for each in (dump, store)}
    assert handed == {
        "dump": ["PGPASSWORD"],
        "postgres-backup": ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    }
    given = revealed(dict(graph.one("Secret postgres-backup").inputs))["stringData"]
    assert given["PGPASSWORD"].endswith(f"-{READER}")


def secret_variables(graph: Recording, container: dict[str, Any]) -> dict[str, str]:
    """The secret variables of a container."""
    found: dict[str, str] = {}
    for name in secrets_of(container):
        found |= revealed(dict(graph.one(f"Secret {name}").inputs))["stringData"]
    return found


def test_the_bucket_of_backups_has_its_own_keys(graph: Recording) -> None:
    config = revealed(dict(graph.one("Secret seaweedfs").inputs))["stringData"]["s3.json"]
    own = {
        each["name"]: {action.partition(":")[2] for action in each["actions"]}
        for each in json.loads(config)["identities"]
    }
    (bucket,) = own["backups"]
    assert bucket
    assert not any(bucket in buckets for name, buckets in own.items() if name != "backups")


def test_the_dumps_pass_from_one_container_to_the_other(graph: Recording) -> None:
    for name in ("postgres-backup", "postgres-restore"):
        spec = template(graph.one(f"CronJob {name}"))["spec"]
        for container in [*spec["initContainers"], *spec["containers"]]:
            at = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
            volume = next(each for each in spec["volumes"] if each["name"] == at["/dumps"])
            assert volume == {"name": at["/dumps"], "emptyDir": {}}


def test_the_job_that_restores_is_suspended(graph: Recording) -> None:
    jobs = {job.name: job.inputs["spec"] for job in graph.kind("CronJob")}
    assert [name for name, spec in jobs.items() if spec["suspend"]] == ["postgres-restore"]


def test_backups_can_be_switched_off_and_still_be_restored(tmp_path: Path) -> None:
    given = {"backups": {"enabled": False, "schedule": "@weekly", "keep": 3}}
    graph = recorded_with(tmp_path, given)
    backup = graph.one("CronJob postgres-backup").inputs["spec"]
    assert backup["suspend"]
    assert backup["schedule"] == "@weekly"
    assert graph.one("CronJob postgres-restore")


EXTERNAL = {"host": "db.example.org", "port": 6432, "cidr": "10.1.2.0/24", "secret": "team-db"}


@pytest.fixture(scope="module")
def external(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return recorded_with(
        tmp_path_factory.mktemp("external"), {"database": EXTERNAL, "namespaceExists": True}
    )


def test_an_external_database_is_neither_created_nor_backed_up(external: Recording) -> None:
    made = {f"{r.type.rpartition(':')[2]} {r.name}" for r in external}
    assert not any("postgres" in each for each in made if not each.startswith("Secrets"))
    assert "Secrets postgres-secrets" not in made
    probes = external.outputs["contract"]["orchestration"]["probes"]
    assert "postgres" not in {probe["service"] for probe in probes}


def test_an_external_database_is_reached_by_its_network_and_by_the_same_clients(
    external: Recording,
) -> None:
    block = {"to": [{"ipBlock": {"cidr": "10.1.2.0/24"}}]}
    wanted = block | {"ports": [{"port": 6432, "protocol": "TCP"}]}
    reaching = {
        policy.name
        for policy in external.kind("NetworkPolicy")
        if wanted in policy.inputs["spec"].get("egress", [])
    }
    clients = {
        client
        for client, to in component_table.ALLOWED_CONNECTIONS.items()
        if component_table.POSTGRES in to
    }
    assert reaching == clients - set(component_table.POSTGRES_COMPONENTS)


def test_passwords_of_an_external_database_are_read_in_the_pod(external: Recording) -> None:
    role_of = {"mlflow": "mlflow", "mlflow-setup": "mlflow", "mlflow-gc": "mlflow"}
    clients = {
        client
        for client, to in component_table.ALLOWED_CONNECTIONS.items()
        if component_table.POSTGRES in to
    }
    for pod in (template(resource) for resource in launched(external)):
        name = component(pod)
        key = role_of.get(name, "airflow")
        (container,) = pod["spec"]["containers"]
        read = keys_read(pod, container)
        assert read == ({"PGPASSWORD": ("team-db", key)} if name in clients else {}), name
        assert not any("valueFrom" in each for each in container["env"])
        given = {each["name"] for each in container["env"]}
        assert ("PGSSLMODE" in given) == (name in clients), name


def test_an_existing_namespace_is_taken_over_if_the_settings_say_so(
    graph: Recording, external: Recording
) -> None:
    assert [provider_of_namespace(each) for each in (graph, external)] == ["namespace", "cluster"]
    assert [r.name for r in external if r.type == PROVIDER] == ["cluster"]
    assert external.one("kubernetes cluster").inputs["upsertExistingObjects"] == "true"


def provider_of_namespace(graph: Recording) -> str:
    return graph.one("Namespace namespace").provider.split("::")[-2]


def test_the_state_depends_on_no_kubeconfig_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    graph = recorded_with(tmp_path, {})
    for name in ("cluster", "namespace"):
        assert graph.one(f"kubernetes {name}").inputs["kubeconfig"] == ""


def test_existing_objects_are_taken_over_but_no_unchecked_namespace(
    graph: Recording,
) -> None:
    for name, taken in (("cluster", "true"), ("namespace", None)):
        assert graph.one(f"kubernetes {name}").inputs.get("upsertExistingObjects") == taken
    providers = {r.label: r.provider.split("::")[-2] for r in graph if r.provider}
    assert providers.pop("Namespace namespace") == "namespace"
    assert set(providers.values()) == {"cluster"}


def test_urls_of_an_external_database_have_no_password(external: Recording) -> None:
    mlflow = revealed(dict(external.one("Secret mlflow").inputs))["stringData"]
    url = "postgresql+psycopg2://mlflow@db.example.org:6432/mlflow"
    assert mlflow["MLFLOW_BACKEND_STORE_URI"] == url
    files = revealed(dict(external.one("Secret mlflow-files").inputs))["stringData"]
    assert f"database_uri = {url}_auth" in files["basic_auth.ini"]
    airflow = revealed(dict(external.one("Secret airflow").inputs))["stringData"]
    urls = {key: text for key, text in airflow.items() if "CONN" in key}
    assert len(urls) == 2
    assert all("://airflow@db.example.org:6432/airflow" in text for text in urls.values())


def recorded_with(folder: Path, settings: dict[str, Any]) -> Recording:
    """The graph of the smallest example with these settings of the target."""
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", folder)
    return platforms.recorded(project, "kubernetes", settings=settings)


def test_set_up_jobs_run_again_on_a_new_volume(graph: Recording) -> None:
    claims = {"buckets": "seaweedfs", "airflow-setup": "postgres", "mlflow-setup": "postgres"}
    for job, claim in claims.items():
        annotations = template(graph.one(f"Job {job}"))["metadata"]["annotations"]
        assert annotations["volume"] == f"uid-of-{claim}"


def test_secrets_are_in_secret_objects_only(graph: Recording) -> None:
    holders = {r.type.rpartition(":")[2] for r in graph if MARK in repr(revealed(dict(r.inputs)))}
    assert holders == {"Secret"}


def test_the_quota_has_room_for_every_component_during_an_update(graph: Recording) -> None:
    plan = platforms.plan_of(platforms.ROOT, "kubernetes")
    asked = sum(
        int(container["resources"]["requests"]["memory"].removesuffix("Mi"))
        * int(resource.inputs["spec"].get("replicas", 1))
        for resource in launched(graph)
        for container in template(resource)["spec"]["containers"]
    )
    room = int(quota(plan)["requests.memory"].removesuffix("Mi"))
    assert 0 < asked < room


def test_a_larger_platform_requests_more_except_for_a_task() -> None:
    for name in sizing.SMALL:
        small, large = (sizing.resources(name, size).memory for size in ("small", "large"))
        assert (small == large) == (name in sizing.TASK_COMPONENTS)


def test_a_task_requests_the_gpus_of_the_platform(graph_of: GraphOf) -> None:
    example = platforms.ROOT / "examples/large.yaml"
    pod = pods_of_airflow(graph_of(example, "kubernetes"))["workload.yaml"]
    (container,) = pod["spec"]["containers"]
    assert int(container["resources"]["limits"]["nvidia.com/gpu"]) > 0


def test_gpus_have_the_name_of_the_nodes_device_plugin(tmp_path: Path) -> None:
    project = platforms.project_of(platforms.ROOT / "examples/large.yaml", tmp_path)
    settings = {**mocked_types.SETTINGS["kubernetes"], "gpu": {"resource": "amd.com/gpu"}}
    graph = platforms.recorded(project, "kubernetes", settings=settings)
    limits = {
        name: pod["spec"]["containers"][0]["resources"]["limits"]
        for name, pod in pods_of_airflow(graph).items()
    }
    assert limits["workload.yaml"]["amd.com/gpu"] == "2"
    assert "amd.com/gpu" not in limits["task.yaml"]
    assert "nvidia" not in repr(limits)


def test_every_role_has_an_image_that_the_stack_file_overrides() -> None:
    plan = platforms.plan_of(platforms.ROOT, "kubernetes")
    optional = {"git-sync", "pgbouncer", "statsd"}
    roles = {"postgres", "seaweedfs", "mlflow", "airflow", "workload"}
    assert set(images.required_images(plan)) == roles
    assert {*default_images(), "workload"} == roles | optional
    pinned = f"example.org/mlflow@sha256:{'0' * 64}"
    settings = plan.settings.model_copy(update={"images": {"mlflow": pinned}})
    chosen = images.pinned_images(replace(plan, settings=settings))
    assert chosen["mlflow"] == pinned
    assert pinned not in images.without_digest(chosen)


def test_a_locked_digest_applies_to_the_locked_tag_only() -> None:
    plan = platforms.plan_of(platforms.ROOT, "kubernetes")
    wanted, digest = images.required_images(plan), f"@sha256:{'1' * 64}"
    locked = {"mlflow": f"{wanted['mlflow']}{digest}", "airflow": f"example.org/old:1{digest}"}
    chosen = images.pinned_images(replace(plan, locked_images=locked))
    assert chosen == {**wanted, "mlflow": locked["mlflow"]}


@pytest.mark.parametrize(
    ("target", "absent"),
    [
        ("local", "pulumi_kubernetes"),
        ("kubernetes", "pulumi_aws"),
        ("kubernetes", "pulumi_kubernetes.core.v1"),  # slower to import than all of ours
    ],
)
def test_a_target_loads_no_more_of_an_sdk_than_it_needs(target: str, absent: str) -> None:
    parts = ("foundation", "storage", "compute", "tracking.mlflow", "orchestration.airflow")
    program = (
        "import sys; from pilothouse import targets\n"
        f"for part in {parts}: targets.load({target!r}, part)\n"
        f"sys.exit({absent!r} in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_database_is_stopped_without_waiting_for_its_clients(graph: Recording) -> None:
    (container,) = template(graph.one("StatefulSet postgres"))["spec"]["containers"]
    assert container["lifecycle"]["preStop"]["exec"]["command"][-1] == "--mode=fast"
