"""The team's workload: its DAG where DAGs are read, and the pod of a step."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pilothouse.program.load import PLATFORM_FILE
from pilothouse.services.workload import RUN_STEP
from tests.targets.kubernetes.graph.pods import (
    component,
    keys_read,
    launched,
    pods_of_airflow,
    template,
)
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, revealed

WORKLOAD = {
    "package": "churn",
    "parameters": {"region": "eu"},
    "secrets": ["WAREHOUSE_URL"],
    "steps": [
        {"name": "features", "command": ["churn", "features"]},
        {
            "name": "train",
            "command": ["churn", "train"],
            "needs": ["features"],
            "retries": 2,
            "timeout": "30m",
            "resources": {"cpu": 2, "memory": "4Gi", "gpus": 1},
        },
    ],
}
READERS = {"airflow-dag-processor", "airflow-task"}
Recorder = Callable[..., Recording]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """`record(**settings)`: the graph of the minimal platform with this workload."""

    def recorded(wanted: dict[str, Any] = WORKLOAD, **settings: Any) -> Recording:
        example = platforms.ROOT / "examples/minimal.yaml"
        project = platforms.project_of(example, tmp_path_factory.mktemp("workload"))
        file = project / PLATFORM_FILE
        platform = yaml.safe_load(file.read_text())
        file.write_text(yaml.safe_dump({**platform, "workload": wanted}))
        return platforms.recorded(project, "kubernetes", settings=settings)

    return recorded


@pytest.fixture(scope="module")
def graph(record: Recorder) -> Recording:
    return record(namespaceExists=True, workload={"secret": "warehouse"})


def files(graph: Recording) -> dict[str, str]:
    return dict(revealed(dict(graph.one("ConfigMap airflow-files").inputs))["data"])


def definition(graph: Recording) -> Any:
    return json.loads(files(graph)["workload.json"])


def test_the_dag_is_beside_its_definition_wherever_dags_are_read(graph: Recording) -> None:
    pods = [*map(template, launched(graph)), *pods_of_airflow(graph).values()]
    readers = {
        component(pod)
        for pod in pods
        for container in pod["spec"]["containers"]
        if "/dags/workload.py" in {mount["mountPath"] for mount in container["volumeMounts"]}
    }
    assert readers == READERS
    for pod in pods:
        paths = {
            mount["mountPath"]: mount.get("subPath")
            for container in pod["spec"]["containers"]
            for mount in container["volumeMounts"]
        }
        if component(pod) in READERS:
            assert paths["/dags/workload.json"] == "workload.json"
            assert paths["/config/step.yaml"] == "step.yaml"


def test_a_step_has_the_resources_that_it_asks_for_and_else_those_of_the_workload(
    graph: Recording,
) -> None:
    steps = definition(graph)["steps"]
    asked = {"cpu": "2000m", "memory": "4096Mi"}
    assert steps["train"]["resources"] == {
        "requests": asked,
        "limits": {**asked, "nvidia.com/gpu": "1"},
    }
    assert steps["features"]["resources"]["requests"] == {"cpu": "200m", "memory": "512Mi"}
    assert (steps["train"]["retries"], steps["train"]["timeout"]) == (2, 1800)


def test_the_pod_of_a_step_is_the_workloads_and_runs_the_program_for_steps(
    graph: Recording,
) -> None:
    pod, proof = (pods_of_airflow(graph)[name] for name in ("step.yaml", "workload.yaml"))
    assert pod["metadata"]["labels"] == proof["metadata"]["labels"]
    assert pod["spec"]["serviceAccountName"] == "workload"
    (container,) = pod["spec"]["containers"]
    assert container["command"][-3:] == ["python", "/config/run_step.py", "/config/workload.json"]
    assert files(graph)["run_step.py"] == RUN_STEP.read_text(encoding="utf-8")


def test_the_teams_secrets_are_read_from_its_own_secret_by_the_step_alone(
    graph: Recording,
) -> None:
    pods = [*map(template, launched(graph)), *pods_of_airflow(graph).values()]
    readers = [
        component(pod)
        for pod in pods
        for container in pod["spec"]["containers"]
        if keys_read(pod, container).get("WAREHOUSE_URL") == ("warehouse", "WAREHOUSE_URL")
    ]
    assert readers == ["workload"]


def test_clients_learn_of_the_dag_and_its_definition(graph: Recording) -> None:
    submit = revealed(dict(graph.outputs))["contract"]["orchestration"]["submit"]
    assert submit["workload"] == "workload"
    assert submit["definition"] == definition(graph)["description"]


def test_other_steps_are_another_definition_and_restart_what_parses_dags(
    record: Recorder, graph: Recording
) -> None:
    changed = record(
        {**WORKLOAD, "schedule": "0 6 * * *"},
        namespaceExists=True,
        workload={"secret": "warehouse"},
    )
    assert definition(changed)["description"] != definition(graph)["description"]
    before, after = (
        template(each.one("Deployment airflow-dag-processor"))["metadata"]["annotations"]
        for each in (graph, changed)
    )
    assert before != after


def test_without_a_workload_there_is_nothing_of_it(tmp_path: Path) -> None:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path)
    recorded = platforms.recorded(project, "kubernetes")
    assert not [name for name in files(recorded) if name.startswith(("workload.json", "step"))]
    submit = revealed(dict(recorded.outputs))["contract"]["orchestration"]["submit"]
    assert set(submit) == {"kind", "dag"}
