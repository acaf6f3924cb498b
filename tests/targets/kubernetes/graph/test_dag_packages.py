"""What DAGs import on a cluster: unpacked in what reads DAGs, awaited by nobody, of one key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from testkit.support.tools import uv

from pilothouse.errors import InvalidInput
from pilothouse.services.airflow import requirements
from pilothouse.targets.kubernetes.objects import dag_packages
from tests.targets.kubernetes.graph.pods import pods
from tests.targets.kubernetes.graph.test_team_dags import SMALLEST, clients
from tests.targets.kubernetes.stack import STORE
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, revealed

USERS = {"airflow-dag-processor", "airflow-task", "airflow-triggerer"}
FOLDER = "/packages"
SKIP = "pulumi.com/skipAwait"


def project_with(folder: Path, *lines: str) -> Path:
    """A project whose DAGs require that, with its lock."""
    made = platforms.project_of(SMALLEST, folder / "project")
    (made / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))
    with (made / "platform.yaml").open("a", encoding="utf-8") as file:
        file.write("orchestration: {requirements: requirements.txt}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(uv().parent), prepend=":")
        requirements.resolve(made, platforms.plan_of(made, "kubernetes").platform)
    return made


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_with(tmp_path_factory.mktemp("packages"), "humanize>=4")


@pytest.fixture(scope="module")
def graph(project: Path) -> Recording:
    return platforms.recorded(project, "kubernetes")


def unpackers(graph: Recording) -> dict[str, Any]:
    """The init containers that unpack the packages, by the component of their pods."""
    return {
        component: container
        for component, pod in pods(graph).items()
        for container in pod["spec"].get("initContainers", [])
        if container["name"] == "packages"
    }


def test_what_runs_code_of_dags_unpacks_the_packages_and_finds_them(graph: Recording) -> None:
    assert unpackers(graph).keys() == USERS
    for component, pod in pods(graph).items():
        (main,) = pod["spec"]["containers"][:1]
        paths = [each["value"] for each in main["env"] if each["name"] == "PYTHONPATH"]
        mounted = [each["mountPath"] for each in main["volumeMounts"]]
        assert paths == ([FOLDER] if component in USERS else [])
        assert (FOLDER in mounted) == (component in USERS)


def test_unpacking_takes_no_more_than_the_quota_has_for_the_pod(graph: Recording) -> None:
    for component, container in unpackers(graph).items():
        (main,) = pods(graph)[component]["spec"]["containers"][:1]
        for kind in ("requests", "limits"):
            for what, most in main["resources"][kind].items():
                assert amount(container["resources"][kind][what]) <= amount(most)


def amount(quantity: str) -> int:
    """A quantity in millicores, or in MiB, as the target writes them."""
    return int(quantity.removesuffix("m").removesuffix("Mi"))


def test_the_archive_is_that_of_the_lock_and_the_image(project: Path, graph: Recording) -> None:
    plan = platforms.plan_of(project, "kubernetes")
    (key,) = {
        word
        for container in unpackers(graph).values()
        for word in container["command"]
        if word.startswith("packages/")
    }
    assert key == dag_packages.key(plan)
    other = platforms.plan_of(
        project, "kubernetes", settings={"images": {"airflow": "registry.example.org/airflow:1"}}
    )
    assert dag_packages.key(other) != key


def test_the_engine_awaits_everything_but_what_waits_for_the_archive(graph: Recording) -> None:
    skipped = {
        each.name
        for each in graph.kind("Deployment")
        if SKIP in revealed(dict(each.inputs))["metadata"].get("annotations", {})
    }
    assert skipped == USERS - {"airflow-task"}


def test_the_pods_may_connect_to_the_store(graph: Recording) -> None:
    assert clients(graph) >= USERS


def test_requirements_that_airflow_meets_itself_change_no_pod(tmp_path: Path) -> None:
    graph = platforms.recorded(project_with(tmp_path, "boto3"), "kubernetes")
    assert unpackers(graph) == {}
    assert not [
        each.name
        for each in graph.kind("Deployment")
        if SKIP in revealed(dict(each.inputs))["metadata"].get("annotations", {})
    ]


def test_without_its_lock_nothing_is_made(tmp_path: Path) -> None:
    made = project_with(tmp_path, "humanize>=4")
    (made / requirements.TEAM_LOCK).unlink()
    with pytest.raises(InvalidInput, match=r"airflow\.lock"):
        platforms.recorded(made, "kubernetes")


def test_an_external_store_is_refused(project: Path) -> None:
    external = {"objectStore": STORE, "namespaceExists": True}
    with pytest.raises(InvalidInput, match=r"orchestration\.requirements") as refused:
        platforms.plan_of(project, "kubernetes", settings=external)
    assert "images.airflow" in str(refused.value)
