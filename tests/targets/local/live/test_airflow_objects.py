"""Pools, variables and connections of a file, in a running Airflow: made, changed and removed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import httpx
import pytest
import yaml
from testkit.fake_aws.mwaa.airflow import connected, forwarding
from testkit.support.aws import REGION, services
from testkit.support.aws_resources import make_mwaa
from testkit.support.stacks import MINIMAL, Stack, local_stack

from pilothouse.config.airflow_objects import AirflowObjects
from pilothouse.services.airflow.objects import RECORD, converge
from pilothouse.targets.aws.clients.mwaa_runs import EnvironmentApi
from tests.targets.local.live.test_workload import api

pytestmark = pytest.mark.live

PASSWORD, TOKEN = "prices-are-behind-this", "token-of-a-test"
FIRST = {
    "pools": {"small": {"slots": 2}, "spare": {"slots": 1}},
    "variables": {"regions": ["eu", "us"], "api_token": {"secret": "PRICES_TOKEN"}},
    "connections": {
        "prices": {
            "conn_type": "http",
            "host": "prices.example.org",
            "port": 443,
            "password": {"secret": "PRICES_PASSWORD"},
            "extra": {"timeout": 5, "key": {"secret": "PRICES_TOKEN"}},
        }
    },
}
SECOND = {
    "pools": {"small": {"slots": 3, "description": "three"}},
    "variables": {"regions": "eu"},
    "connections": {"prices": {"conn_type": "http", "host": "new.example.org"}},
}
NAMES = {"pools": "name", "variables": "key", "connections": "connection_id"}


@pytest.fixture(scope="module")
def team() -> Iterator[Stack]:
    """A stack of a project with the file, whose secrets are in another one."""
    with local_stack("pilot", MINIMAL) as stack:
        write(stack, FIRST)
        (stack.project / "secrets.yaml").write_text(
            f"PRICES_PASSWORD: {PASSWORD}\nPRICES_TOKEN: {TOKEN}\n"
        )
        stack.settings(workload={"secretsFile": "secrets.yaml"})
        stack.run("up")
        yield stack
        stack.run("down", "--yes")
        assert stack.traces() == []


@pytest.fixture(autouse=True)
def nothing_by_hand(team: Stack) -> Iterator[None]:
    """What a test made by hand goes with its end."""
    yield
    with logged_in(team, "secrets") as client:
        for kind in NAMES:
            client.delete(f"/{kind}/byhand")


def bring(stack: Stack, content: Mapping[str, Any]) -> str:
    """Bring Airflow to that file; what `up` says."""
    write(stack, content)
    return stack.run("up")


def write(stack: Stack, content: Mapping[str, Any]) -> None:
    (stack.project / "airflow.yaml").write_text(yaml.safe_dump(dict(content)))


@contextmanager
def logged_in(stack: Stack, who: Literal["login", "secrets"]) -> Iterator[httpx.Client]:
    """A client of Airflow's API, for the admin (`login`) or the user of clients."""
    part = stack.contract()["orchestration"]
    login = {name.removeprefix("AIRFLOW_").lower(): value for name, value in part[who].items()}
    token = httpx.post(f"{part['uri']}/auth/token", json=login).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{part['uri']}/api/v2", headers=headers, timeout=30) as client:
        yield client


def names(stack: Stack, kind: str) -> set[str]:
    """The objects of a kind, without Airflow's own pool."""
    return {each[NAMES[kind]] for each in api(stack, "GET", f"/{kind}")[kind]} - {"default_pool"}


def airflow(stack: Stack, *arguments: str) -> str:
    """What Airflow's own command says, which has all rights."""
    program = stack.home / "services" / "airflow-scheduler" / "bin" / "airflow"
    done = subprocess.run(
        [program, *arguments],
        env=stack.environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def prices(stack: Stack) -> dict[str, Any]:
    """The connection with its secrets."""
    said = airflow(stack, "connections", "get", "prices", "--output", "json")
    found: dict[str, Any] = json.loads(said[said.index("[{") :])[0]
    return found


def traces_of_secrets(stack: Stack) -> list[str]:
    """The files below the project that have a secret, but for the team's own."""
    done = subprocess.run(
        ["grep", "-rlaE", f"{PASSWORD}|{TOKEN}", str(stack.project)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [line for line in done.stdout.split() if not line.endswith("secrets.yaml")]


def test_dags_find_what_the_file_has_with_its_secrets(team: Stack) -> None:
    assert "2 pools, 2 variables, 1 connection written" in bring(team, FIRST)
    assert names(team, "pools") == {"small", "spare"}
    assert names(team, "variables") == {"regions", "api_token", RECORD}
    found = prices(team)
    assert (found["host"], found["port"], found["password"]) == (
        "prices.example.org", "443", PASSWORD
    )  # fmt: skip
    assert found["extra_dejson"] == {"timeout": "5", "key": TOKEN}
    assert airflow(team, "variables", "get", "api_token").strip().endswith(TOKEN)
    assert airflow(team, "variables", "get", "regions").strip().endswith('["eu", "us"]')


def test_no_log_no_state_and_no_process_has_a_secret(team: Stack) -> None:
    bring(team, FIRST)
    bring(team, FIRST)
    assert traces_of_secrets(team) == []
    assert not [line for line in team.command_lines() if PASSWORD in line or TOKEN in line]
    with logged_in(team, "login") as client:
        shown = json.dumps([client.get(f"/{kind}").json() for kind in (*NAMES, "eventLogs")])
    assert "post_connection" in shown
    assert "patch_variable" in shown
    assert PASSWORD not in shown
    assert TOKEN not in shown


def test_what_goes_from_the_file_goes_from_airflow_and_what_people_made_stays(
    team: Stack,
) -> None:
    bring(team, FIRST)
    api(team, "POST", "/pools", name="byhand", slots=7)
    api(team, "POST", "/connections", connection_id="byhand", conn_type="http")
    said = bring(team, SECOND)
    assert "1 pool, 1 variable, 1 connection written, 1 pool, 1 variable removed" in said
    assert names(team, "pools") == {"small", "byhand"}
    assert names(team, "connections") == {"prices", "byhand"}
    assert names(team, "variables") == {"regions", RECORD}
    assert api(team, "GET", "/pools/small")["slots"] == 3
    found = prices(team)
    assert (found["host"], found["port"], found["password"]) == ("new.example.org", None, None)
    assert found["extra_dejson"] == {}


def test_what_people_made_is_not_taken_over(team: Stack) -> None:
    bring(team, SECOND)
    api(team, "POST", "/pools", name="byhand", slots=7)
    write(team, {"pools": {"byhand": {"slots": 1}, "small": {"slots": 9}}})
    refused = team.run("up", expect=2)
    assert "airflow.yaml:2: pools.byhand: found byhand, which is in Airflow" in refused
    assert api(team, "GET", "/pools/byhand")["slots"] == 7
    assert api(team, "GET", "/pools/small")["slots"] == 3


def test_a_secret_without_a_value_is_refused_before_anything_changes(team: Stack) -> None:
    write(team, {"variables": {"my_token": {"secret": "NOWHERE_TO_BE_FOUND"}}})
    refused = team.run("up", expect=2)
    assert "airflow.yaml:3: variables.my_token.secret: found no value of NOWHERE" in refused
    assert "secretsFile" in refused


def test_mwaa_is_told_the_same(team: Stack) -> None:
    """Airflow's API as MWAA's passes it on; what the other way made is changed and removed."""
    bring(team, SECOND)
    wanted = AirflowObjects.model_validate({"pools": {"small": {"slots": 4}, "new": {"slots": 1}}})
    with logged_in(team, "secrets") as client, services():
        make_mwaa("pilot-airflow")
        real = forwarding(
            str(client.base_url).rstrip("/"), {"Authorization": client.headers["Authorization"]}
        )
        with connected("pilot-airflow", real):
            outcome = converge(EnvironmentApi("pilot-airflow", REGION), wanted, {})
    assert (outcome.written, outcome.removed) == ({"pools": 2}, {"variables": 1, "connections": 1})
    assert api(team, "GET", "/pools/small")["slots"] == 4


def test_without_the_file_everything_that_was_made_goes(team: Stack) -> None:
    bring(team, SECOND)
    api(team, "POST", "/pools", name="byhand", slots=7)
    (team.project / "airflow.yaml").unlink()
    said = team.run("up")
    assert "Airflow: nothing written, 1 pool, 1 variable, 1 connection removed" in said
    assert names(team, "pools") == {"byhand"}
    assert names(team, "variables") == names(team, "connections") == set()
    assert "removed" not in team.run("up")
