"""What was deleted in MLflow is found and deleted for good by Jobs of its CronJob."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.contract import Capability, Contract
from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.services.mlflow.garbage import Garbage
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.operations.target import KubernetesOperations
from tests.targets.kubernetes.fake_api import Document, named, served
from tests.targets.kubernetes.fake_jobs import Jobs

ANSWER = {"runs": ["r"], "models": [], "experiments": ["7"], "objects": 2, "bytes": 30}
NOWHERE: Capability[str] = Capability(uri="", console="")
CONTRACT = Contract(storage=NOWHERE, compute=NOWHERE, tracking=NOWHERE, orchestration=NOWHERE)
WRAPPED = ["sh", "-c", 'export X; exec "$@"', "sh", "python", "/scripts/gc.py", "delete", "90d"]
"""A command that reads a password of the database before it runs the program."""


def cron_job(command: list[str]) -> Document:
    spec = {"containers": [{"name": "main", "command": command}]}
    template = {"spec": {"template": {"spec": spec}}}
    return named("mlflow-gc", {"of": "us"}, spec={"schedule": "@daily", "jobTemplate": template})


@pytest.fixture
def api(kubeconfig: Path, plan: Plan) -> Iterator[Jobs]:
    space = namespace_of(plan)
    fake = Jobs(namespace=space, log=f"a warning\n{json.dumps(ANSWER)}\nanother\n")
    fake.documents[f"/apis/batch/v1/namespaces/{space}/cronjobs/mlflow-gc"] = cron_job(WRAPPED)
    with served(fake, kubeconfig):
        yield fake


def commands(api: Jobs) -> list[list[str]]:
    pods = (job["spec"]["template"]["spec"] for job in api.made)
    return [container["command"] for pod in pods for container in pod["containers"]]


def test_what_would_go_is_listed_and_what_is_gone_is_counted(api: Jobs, plan: Plan) -> None:
    operations = KubernetesOperations(plan)
    found = operations.find_garbage(CONTRACT, 604800)
    assert found == Garbage(**ANSWER)  # type: ignore[arg-type]
    assert operations.collect_garbage(CONTRACT, 604801.5) == found
    assert commands(api) == [
        [*WRAPPED[:-2], "list", "604800.000s"],
        [*WRAPPED[:-2], "delete", "604801.500s"],
    ]


def test_a_stack_of_an_older_version_loses_nothing_unseen(api: Jobs, plan: Plan) -> None:
    """Its program takes an age alone, and would delete at once whatever was asked of it."""
    (path,) = api.documents
    api.documents[path] = cron_job([*WRAPPED[:-2], "90d"])
    KubernetesOperations(plan).find_garbage(CONTRACT, 0)
    (command,) = commands(api)
    assert "/scripts/gc.py" not in command


def test_a_job_without_an_answer_shows_the_end_of_its_log(api: Jobs, plan: Plan) -> None:
    api.log = "nothing like it\n"
    with pytest.raises(PilothouseError, match="gave no answer:\nnothing like it"):
        KubernetesOperations(plan).find_garbage(CONTRACT, 0)


def test_a_stack_that_is_not_up_is_named(api: Jobs, plan: Plan) -> None:
    api.documents.clear()
    with pytest.raises(PilothouseError, match=r"no CronJob mlflow-gc in namespace .*: bring the"):
        KubernetesOperations(plan).collect_garbage(CONTRACT, 0)


@pytest.mark.usefixtures("api")
def test_noncurrent_versions_are_told_of(plan: Plan) -> None:
    assert "after 90 days more" in KubernetesOperations(plan).artifact_retention()
