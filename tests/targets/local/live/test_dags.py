"""A team's own DAGs: what their tasks get, and what of them outlives a teardown."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import boto3
import httpx
import pytest
from testkit.support.stacks import MINIMAL, REPOSITORY, Stack, local_stack
from testkit.support.waiting import eventually

pytestmark = pytest.mark.live

TEAM = """
import json
import os
import subprocess

import boto3
import humanize
from airflow.sdk import BaseHook, Param, Variable, dag, task


@dag(
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    params={"regions": Param(["nord", "süd", "öst"], type="array")},
)
def team_churn():
    @task
    def plan(params):
        return params["regions"]

    @task(pool="small")
    def load(region):
        return len(region)

    @task
    def store(lengths):
        child = subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
        found = {
            "sum": sum(lengths),
            "size": humanize.naturalsize(sum(lengths)),
            "limit": Variable.get("churn_limit"),
            "host": BaseHook.get_connection("warehouse").host,
            "own": dict(os.environ),
            "child": child,
        }
        bucket = os.environ["DATA_URI"].removeprefix("s3://")
        boto3.client("s3").put_object(Bucket=bucket, Key="team", Body=json.dumps(found))

    store(load.expand(region=plan()))


team_churn()
"""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SECONDS = 180  # until a DAG is found, and until a run has ended


@pytest.fixture(scope="module")
def team() -> Iterator[Stack]:
    """A stack whose DAGs are in the project, with what the team's own DAG needs in Airflow."""
    platform = MINIMAL + "orchestration: {requirements: dag-requirements.txt}\n"
    with local_stack("local", platform) as stack:
        (stack.project / "dag-requirements.txt").write_text("humanize>=4\n", encoding="utf-8")
        dags = stack.project / "dags"
        dags.mkdir()
        (dags / "team.py").write_text(TEAM, encoding="utf-8")
        stack.settings(dags={"folder": "dags"})
        stack.run("up")
        shell(
            stack,
            """
            PATH="$PWD/.pilothouse/local/services/airflow-scheduler/bin:$PATH"
            airflow pools set small 2 "two at once"
            airflow variables set churn_limit 7
            airflow connections add warehouse --conn-type generic --conn-host db.example.org
            """,
        )
        yield stack
        stack.run("down", "--yes")
        assert stack.traces() == []
        assert (dags / "team.py").read_text(encoding="utf-8") == TEAM


def test_a_task_gets_the_contract_and_no_key_of_airflows_own(team: Stack) -> None:
    run(team, "team_churn")
    found = json.loads(stored(team, "team"))
    assert (found["sum"], found["limit"], found["host"]) == (10, "7", "db.example.org")
    capabilities = [team.contract()[name] for name in ("storage", "compute", "tracking")]
    promised = {
        name: value
        for capability in capabilities
        for kind in ("environment", "secrets")
        for name, value in capability[kind].items()
    }
    assert promised.keys() > {"MLFLOW_TRACKING_URI", "AWS_ENDPOINT_URL_S3", "DATA_URI"}
    assert {name: found["own"].get(name) for name in promised} == promised
    secrets = airflow_secrets(team)
    assert not [name for name, value in secrets.items() if value in json.dumps(found["own"])]
    assert not [name for name, value in secrets.items() if value in found["child"]]


def test_a_dag_imports_what_the_project_requires(team: Stack) -> None:
    run(team, "team_churn")
    assert json.loads(stored(team, "team"))["size"] == "10 Bytes"
    assert "humanize==" in (team.project / "airflow.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", ["scheduler", "dag-processor", "triggerer"])
def test_what_forks_to_run_code_of_dags_has_no_key_to_hand_down(team: Stack, part: str) -> None:
    inherited = team.processes_of(f"airflow-{part}")[0].environ()
    assert inherited["AIRFLOW_CONFIG"].endswith(f"airflow-{part}/airflow.cfg")
    text = json.dumps(inherited)
    assert not [name for name, value in airflow_secrets(team).items() if value in text]


def test_the_manual_works_as_printed(team: Stack) -> None:
    printed = BLOCK.findall((REPOSITORY / "docs" / "local-dags.md").read_text(encoding="utf-8"))
    (environment,) = (text for kind, text in printed if kind == "sh" and "uv venv" in text)
    (commands,) = (text for kind, text in printed if kind == "sh" and "airflow pools" in text)
    (dag,) = (text for kind, text in printed if kind == "python" and "def churn" in text)
    shell(team, environment)
    (team.project / "dags" / "churn.py").write_text(dag, encoding="utf-8")
    eventually(lambda: api(team, "GET", "/dags/churn").is_success, seconds=SECONDS)
    said = shell(team, commands)
    assert "team_churn" in said
    (triggered,) = api(team, "GET", "/dags/churn/dagRuns").json()["dag_runs"]
    wait(team, "churn", triggered["dag_run_id"])
    tracked = api(
        team,
        "GET",
        f"/dags/churn/dagRuns/{triggered['dag_run_id']}/taskInstances/train/xcomEntries/return_value",
    ).json()["value"]
    assert mlflow_run(team, tracked)["data"]["metrics"][0]["key"] == "auc"
    assert stored(team, f"churn/{tracked}") == b"hello"


def test_a_teardown_that_keeps_data_keeps_what_the_team_has_in_airflow(team: Stack) -> None:
    before = run(team, "team_churn")
    team.run("down", "--yes", "--keep-data")
    team.run("up")
    assert api(team, "GET", f"/dags/team_churn/dagRuns/{before}").json()["state"] == "success"
    assert api(team, "GET", "/pools/small").json()["slots"] == 2
    run(team, "team_churn")


def shell(stack: Stack, script: str) -> str:
    """What a script prints in the project, which must succeed; bash is what people have."""
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=stack.project,
        env=stack.environment() | {"PATH": f"{REPOSITORY / '.venv' / 'bin'}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run(stack: Stack, dag: str) -> str:
    """The id of a new run of a DAG, which has succeeded."""
    eventually(lambda: api(stack, "GET", f"/dags/{dag}").is_success, seconds=SECONDS)
    reply = api(stack, "POST", f"/dags/{dag}/dagRuns", {"logical_date": None})
    assert reply.status_code == HTTPStatus.OK, reply.text
    name = str(reply.json()["dag_run_id"])
    wait(stack, dag, name)
    return name


def wait(stack: Stack, dag: str, name: str) -> None:
    def ended() -> str:
        state = api(stack, "GET", f"/dags/{dag}/dagRuns/{name}").json()["state"]
        return str(state) if state in ("success", "failed") else ""

    assert eventually(ended, seconds=SECONDS) == "success"


def api(stack: Stack, method: str, path: str, body: Any = None) -> httpx.Response:
    """A call of Airflow's API with the login that clients have."""
    found = stack.contract()["orchestration"]
    login = {name: found["secrets"][f"AIRFLOW_{name.upper()}"] for name in ("username", "password")}
    with httpx.Client(timeout=60, trust_env=False) as client:
        token = client.post(f"{found['uri']}/auth/token", json=login).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return client.request(method, f"{found['uri']}/api/v2{path}", json=body, headers=headers)


def stored(stack: Stack, key: str) -> bytes:
    """An object of the bucket for data."""
    storage = stack.contract()["storage"]
    given = {**storage["environment"], **storage["secrets"]}
    store = boto3.client(
        "s3",
        endpoint_url=given["AWS_ENDPOINT_URL_S3"],
        region_name=given["AWS_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    bucket = storage["uri"].removeprefix("s3://")
    return bytes(store.get_object(Bucket=bucket, Key=key)["Body"].read())


def mlflow_run(stack: Stack, run_id: str) -> dict[str, Any]:
    tracking = stack.contract()["tracking"]
    reply = httpx.get(
        f"{tracking['uri']}/api/2.0/mlflow/runs/get",
        params={"run_id": run_id},
        auth=(tracking["login"]["username"], tracking["login"]["password"]),
        timeout=30,
        trust_env=False,
    )
    return dict(reply.raise_for_status().json()["run"])


def airflow_secrets(stack: Stack) -> dict[str, str]:
    """Airflow's keys and passwords, and the password of its database."""
    found = dict(stack.resource("orchestration-secrets")["outputs"]["values"])
    password = stack.resource("postgres-secrets")["outputs"]["values"]["airflow"]
    assert {"fernet", "jwt", "api"} < found.keys()
    return {**found, "database": password}
