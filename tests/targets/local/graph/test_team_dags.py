"""The DAGs of the project on this machine: Airflow reads their folder itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.targets.suite import platforms
from tests.targets.suite.recorder import plain

SMALLEST = platforms.ROOT / "examples" / "minimal.yaml"
Bundles = Callable[..., dict[str, Any]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return platforms.project_of(SMALLEST, tmp_path / "project")


def bundles(project: Path, **settings: object) -> dict[str, Any]:
    """The folders of Airflow's bundles, by their names, which all of its processes have alike."""
    graph = platforms.recorded(project, "local", settings=settings)
    parts = ("api-server", "scheduler", "dag-processor", "triggerer")
    found = {
        plain(graph.one(f"Service airflow-{part}").inputs)["environment"][
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
        ]
        for part in parts
    }
    (text,) = found
    return {each["name"]: each["kwargs"].get("path") for each in json.loads(text)}


def test_without_a_folder_airflow_has_that_of_the_stack_alone(project: Path) -> None:
    assert bundles(project).keys() == {"dags-folder", "folder"}


def test_the_usual_folder_is_read_beside_that_of_the_stack(project: Path) -> None:
    (project / "dags").mkdir()
    found = bundles(project)
    assert found["team"] == str(project / "dags")
    assert found["folder"] != found["team"]


def test_the_stack_files_folder_counts_in_place_of_the_usual_one(project: Path) -> None:
    (project / "dags").mkdir()
    (project / "more").mkdir()
    assert bundles(project, dags={"folder": "more"}) == {
        "dags-folder": None,
        "folder": str(project / "more"),
    }


def test_a_named_folder_is_read_beside_the_stack_files_once(project: Path) -> None:
    (project / "pipelines").mkdir()
    (project / "more").mkdir()
    with (project / "platform.yaml").open("a", encoding="utf-8") as file:
        file.write("orchestration: {dags: pipelines}\n")
    assert bundles(project, dags={"folder": "more"})["team"] == str(project / "pipelines")
    assert "team" not in bundles(project, dags={"folder": "./more/../pipelines"})
