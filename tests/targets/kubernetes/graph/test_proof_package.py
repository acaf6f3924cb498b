"""The pods of the proof without an image of its own, and with one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pilothouse.services import proof
from pilothouse.services.workload import RUN_STEP
from pilothouse.targets.kubernetes.objects import images
from pilothouse.targets.kubernetes.settings.images import default_images
from tests.targets.kubernetes.graph.pods import pods_of_airflow
from tests.targets.suite import mocked_types, platforms
from tests.targets.suite.recorder import Recording, revealed

IMAGE = "registry.example.org/team/workload:1"


def recorded(named: Mapping[str, str]) -> Recording:
    settings = {**mocked_types.SETTINGS["kubernetes"], "images": dict(named)}
    return platforms.recorded(platforms.ROOT, "kubernetes", settings=settings)


@pytest.fixture(scope="module")
def without() -> Recording:
    return recorded({})


def workload(graph: Recording) -> dict[str, Any]:
    return dict(pods_of_airflow(graph)["workload.yaml"]["spec"])


def files(graph: Recording) -> dict[str, str]:
    return dict(revealed(dict(graph.one("ConfigMap airflow-files").inputs))["data"])


def test_without_an_image_steps_run_in_airflows_as_its_user(without: Recording) -> None:
    airflow, own = pods_of_airflow(without)["task.yaml"]["spec"], workload(without)
    assert own["containers"][0]["image"] == airflow["containers"][0]["image"]
    assert own["securityContext"]["runAsUser"] == airflow["securityContext"]["runAsUser"]
    assert own["serviceAccountName"] == "workload"


def test_its_program_takes_the_package_that_the_proof_delivers(without: Recording) -> None:
    (container,) = workload(without)["containers"]
    program = container["command"][container["command"].index("python") :]
    assert program == ["python", "/config/run_step.py", "/config/proof.json"]
    mounted = {each["mountPath"]: each["subPath"] for each in container["volumeMounts"]
               if each["mountPath"].startswith("/config")}  # fmt: skip
    assert mounted == {"/config/run_step.py": "run_step.py", "/config/proof.json": "proof.json"}
    definition = json.loads(files(without)["proof.json"])
    assert definition["current"] == proof.CURRENT
    assert {name: step["command"] for name, step in definition["steps"].items()} == {
        name: ["pilothouse-workload", name] for name in ("prepare", "train", "register", "predict")
    }
    assert files(without)["run_step.py"] == RUN_STEP.read_text(encoding="utf-8")


def test_an_image_of_its_own_has_the_program() -> None:
    graph = recorded({"workload": IMAGE})
    (container,) = workload(graph)["containers"]
    assert container["image"] == IMAGE
    assert container["command"][-1] == "pilothouse-workload"
    assert not {"proof.json", "run_step.py"} & files(graph).keys()


def image_of(project: Path, **settings: Any) -> str:
    plan = platforms.plan_of(project, "kubernetes", settings=settings)
    return images.required_images(plan)["workload"]


def test_the_image_has_the_python_of_the_package(tmp_path: Path) -> None:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", tmp_path / "project")
    own = default_images()["airflow"]
    assert image_of(project) == own
    with (project / "platform.yaml").open("a", encoding="utf-8") as file:
        file.write(
            'workload: {package: churn==1, python: "3.12", steps: [{name: a, command: [b]}]}\n'
        )
    assert image_of(project) == own.replace("-python3.11", "-python3.12")
    named = "registry.example.org/airflow:3"
    assert image_of(project, images={"airflow": named}) == named
    assert image_of(project, images={"workload": IMAGE}) == IMAGE
