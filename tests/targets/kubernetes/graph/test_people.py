"""The accounts of people are made by the set-up Jobs, which run again when they change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pilothouse.program.load import PLATFORM_FILE
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, Secret, plain, revealed
from tests.targets.suite.secrets import MARK

ANN = "ann@example.org"
JOBS = ("airflow-setup", "mlflow-setup")


def graph(folder: Path, **roles: str) -> Recording:
    """A private platform with people of these roles, by their first names."""
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", folder)
    file = project / PLATFORM_FILE
    people = [{"email": f"{name}@example.org", "role": role} for name, role in roles.items()]
    file.write_text(f"{file.read_text()}{yaml.safe_dump({'access': {'people': people}})}")
    return platforms.recorded(project, "kubernetes")


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return graph(tmp_path_factory.mktemp("people"), ann="viewer", ben="admin")


def annotated(recording: Recording, label: str) -> Any:
    """The annotation of pods that changes with people."""
    template = revealed(dict(recording.one(label).inputs))["spec"]["template"]
    return template["metadata"].get("annotations", {}).get("people")


def test_the_programs_get_people_by_a_secret(peopled: Recording) -> None:
    given = {
        name: json.loads(
            revealed(dict(peopled.one(f"Secret {name}").inputs))["stringData"]["users.json"]
        )
        for name in JOBS
    }
    (ann, ben) = given["mlflow-setup"]["people"]["accounts"]
    assert (ann["username"], ann["admin"], ben["admin"]) == (ANN, False, True)
    assert ann["password"] == f"{MARK}-people-secrets-{ANN}"
    (ann, ben) = given["airflow-setup"]["people"]
    assert (ann["role"], ben["role"]) == ("Viewer", "Admin")
    assert ann["password"] == f"{MARK}-people-secrets-{ANN}"


def test_their_passwords_are_in_these_secrets_alone(peopled: Recording) -> None:
    holders = {
        resource.label
        for resource in peopled
        if f"{MARK}-people-secrets" in repr(revealed(dict(resource.inputs)))
    }
    assert holders == {f"Secret {name}" for name in JOBS}
    for name in JOBS:
        assert isinstance(peopled.one(f"Secret {name}").inputs["stringData"], Secret)
        assert MARK not in repr(plain(dict(peopled.one(f"Job {name}").inputs)))


@pytest.mark.parametrize("label", ["Job airflow-setup", "Job mlflow-setup", "Deployment mlflow"])
def test_what_knows_people_runs_again_when_they_change(
    peopled: Recording, tmp_path: Path, label: str
) -> None:
    other = graph(tmp_path / "other", ann="user", ben="admin")
    nobody = graph(tmp_path / "nobody")
    seen = [annotated(recording, label) for recording in (peopled, other, nobody)]
    assert len(set(seen)) == 3
    assert seen[2] is None


def test_airflow_goes_on_running(peopled: Recording) -> None:
    servers = [each for each in peopled.kind("Deployment") if each.name.startswith("airflow")]
    assert len(servers) == 4
    assert [annotated(peopled, server.label) for server in servers] == [None] * 4
