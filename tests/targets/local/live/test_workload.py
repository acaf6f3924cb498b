"""A team's own package on a stack: its steps by Airflow, with what they get and hand on."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from testkit.support.stacks import MINIMAL, REPOSITORY, Stack, local_stack, own_package_environments
from testkit.support.terminals import in_terminal
from testkit.support.waiting import eventually

pytestmark = pytest.mark.live

PACKAGE = REPOSITORY / "tests" / "e2e" / "team_package"
SECRET = "warehouse-url-of-a-test"
WORKLOAD = """
workload:
  package: team
  parameters: {region: eu, seconds: 0}
  secrets: [WAREHOUSE_URL]
  schedule: "0 6 1 1 *"
  steps:
    - {name: train, command: [churn, train], needs: [features], retries: 1, timeout: 2m}
    - {name: features, command: [churn, features, --region, $(PARAM_REGION)]}
    - {name: slow, command: [churn, slow], timeout: 8s}
"""


@pytest.fixture(scope="module")
def team() -> Iterator[Stack]:
    """A stack with the team's package, whose secret is in a file; its environments go too."""
    with own_package_environments(), local_stack("pilot", MINIMAL + WORKLOAD) as stack:
        shutil.copytree(PACKAGE, stack.project / "team")
        secrets = stack.project / "secrets.yaml"
        secrets.write_text(f"WAREHOUSE_URL: {SECRET}\n")
        stack.settings(workload={"secretsFile": "secrets.yaml"})
        document = stack.json("up")
        assert document["package"]["name"] == "team-churn"
        yield stack
        stack.run("down", "--yes")
        assert stack.traces() == []


@pytest.fixture(scope="module")
def run(team: Stack) -> tuple[str, str]:
    """A run of all steps that has succeeded: its name, and what was said while it ran."""
    said = team.run("run", "--follow", "--param", "region=us")
    return team.json("runs", "--limit", "1")["runs"][0]["name"], said


def step_of(team: Stack, name: str, step: str) -> dict[str, Any]:
    """A step of a run as Airflow's API has it."""
    found: dict[str, Any] = api(team, "GET", f"/dags/workload/dagRuns/{name}/taskInstances/{step}")
    return found


def names_of_runs(team: Stack) -> set[str]:
    return {each["name"] for each in team.json("runs")["runs"]}


def api(team: Stack, method: str, path: str, **body: Any) -> Any:
    """What Airflow's API answers to the user of clients."""
    part = team.contract()["orchestration"]
    with httpx.Client(base_url=part["uri"], timeout=30, trust_env=False) as client:
        login = {
            "username": part["secrets"]["AIRFLOW_USERNAME"],
            "password": part["secrets"]["AIRFLOW_PASSWORD"],
        }
        token = client.post("/auth/token", json=login).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.request(method, f"/api/v2{path}", json=body or None, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()


def test_steps_run_in_their_order_with_parameters_secrets_and_inputs(
    team: Stack, run: tuple[str, str]
) -> None:
    _, said = run
    assert "features | features 1 of us, ['--region', 'us']" in said
    assert f"features | a secret of {len(SECRET)} characters" in said
    assert "train | trained on 3 rows of us" in said
    assert said.index("features: success") < said.index("train: success")


def test_a_step_that_fails_is_tried_again(team: Stack, run: tuple[str, str]) -> None:
    name, _ = run
    assert step_of(team, name, "train")["try_number"] == 2
    assert step_of(team, name, "features")["try_number"] == 1


def test_the_run_is_in_tracking_by_its_token(team: Stack, run: tuple[str, str]) -> None:
    tracking = team.contract()["tracking"]
    login = tracking["login"]
    experiments = httpx.get(
        f"{tracking['uri']}/api/2.0/mlflow/experiments/get-by-name?experiment_name=churn",
        auth=(login["username"], login["password"]),
        trust_env=False,
    ).json()
    found = httpx.post(
        f"{tracking['uri']}/api/2.0/mlflow/runs/search",
        json={
            "experiment_ids": [experiments["experiment"]["experiment_id"]],
            "filter": f"tags.run_token = '{run[0]}'",
        },
        auth=(login["username"], login["password"]),
        trust_env=False,
    ).json()
    (tracked,) = found["runs"]
    assert {each["key"]: each["value"] for each in tracked["data"]["params"]} == {
        "region": "us",
        "seconds": "0",
    }


def test_the_secret_is_in_no_log_and_readable_by_its_owner_alone(
    team: Stack, run: tuple[str, str]
) -> None:
    name, said = run
    assert SECRET not in said
    assert SECRET not in team.run("logs", "--run", name)
    holders = [
        path
        for path in team.home.rglob("*")
        if path.is_file() and path.stat().st_size < 1 << 22 and SECRET.encode() in path.read_bytes()
    ]
    assert holders == [team.home / "workload" / "delivered.json"]
    assert holders[0].stat().st_mode & 0o777 == 0o600


def test_the_log_of_one_step_can_be_shown_later(team: Stack, run: tuple[str, str]) -> None:
    name, _ = run
    said = team.run("logs", "--run", name, "--step", "features").splitlines()
    assert said[0] == "features | features 1 of us, ['--region', 'us']"
    assert said[-1] == "features | pilothouse: step ends: exit code 0"


def test_changed_code_runs_without_an_up_and_a_step_finds_the_inputs_of_another_run(
    team: Stack, run: tuple[str, str]
) -> None:
    code = team.project / "team" / "churn" / "__init__.py"
    code.write_text(code.read_text().replace("trained on", "changed: trained on"))
    said = team.run("run", "--follow", "--step", "train", "--inputs", run[0])
    assert "features: skipped" in said
    assert "train | changed: trained on 3 rows of us" in said


def test_a_step_that_takes_too_long_fails_and_nothing_of_it_runs_on(team: Stack) -> None:
    began = time.monotonic()
    said = team.run("run", "--follow", "--step", "slow", "--param", "seconds=300", expect=1)
    assert "slow: failed" in said
    assert "slow | slow begins" in said
    assert "failed: slow failed" in said
    assert time.monotonic() - began < 200
    eventually(lambda: not sleeping(team), seconds=30)


def test_what_ran_is_measured_for_the_comparison(team: Stack, run: tuple[str, str]) -> None:
    measured = team.json("compare")["stacks"][0]["measured"]
    assert measured["set_up"]["median"] > 1
    assert measured["runs"]["count"] >= 1
    assert measured["first_run"] > 0
    assert {"features", "train"} <= measured["steps"].keys()
    assert SECRET not in (team.project / ".pilothouse" / "records" / "pilot.jsonl").read_text()


def sleeping(team: Stack) -> list[str]:
    """The commands of the step `slow` that run."""
    return [line for line in team.command_lines() if line.endswith("churn slow")]


def test_ctrl_c_asks_whether_to_cancel_and_ends_the_run(team: Stack) -> None:
    command = team.command("run", "--follow", "--step", "slow", "--param", "seconds=300")
    with in_terminal(command, team.environment()) as terminal:
        terminal.wait_for("slow: running", seconds=90)
        terminal.press_ctrl_c()
        terminal.wait_for("Cancel run", seconds=20)
        terminal.type("y\n")
        assert terminal.exit_code(seconds=60) == 130
        assert "is cancelled" in terminal.text
    eventually(lambda: not sleeping(team), seconds=60)
    assert team.json("runs", "--limit", "1")["runs"][0]["state"] == "failed"


def test_a_run_that_airflow_begins_uses_what_was_delivered_last(
    team: Stack, run: tuple[str, str]
) -> None:
    assert api(team, "GET", "/dags/workload")["timetable_summary"] == "0 6 1 1 *"
    begun = api(team, "POST", "/dags/workload/dagRuns", logical_date=None, conf={"region": "no"})
    name = begun["dag_run_id"]
    eventually(lambda: step_of(team, name, "features")["state"] == "success", seconds=120)
    said = team.run("logs", "--run", name, "--step", "features")
    assert "features 1 of no" in said


def own_command(team: Stack, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`pilothouse airflow STACK -- …`, or `mlflow`."""
    pilothouse, *_ = team.command(program)
    return subprocess.run(
        [pilothouse, program, team.name, "--project", team.project, "--", *arguments],
        env=team.environment(),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_the_services_own_commands_work_on_the_stack(team: Stack) -> None:
    set_up = own_command(team, "airflow", "pools", "set", "small", "2", "two at once")
    assert set_up.returncode == 0, set_up.stderr
    assert api(team, "GET", "/pools/small")["slots"] == 2
    found = own_command(team, "mlflow", "experiments", "search")
    assert found.returncode == 0, found.stderr
    assert "churn" in found.stdout
    assert own_command(team, "airflow", "pools", "get", "none").returncode != 0


def test_wrong_input_is_refused_before_anything_changes(team: Stack) -> None:
    file = team.project / "platform.yaml"
    text = file.read_text()
    before = names_of_runs(team)
    try:
        file.write_text(text.replace("[churn, slow]", "[chrun, slow]"))
        assert "run `pilothouse up pilot` first" in team.run("run", expect=2)
        refused = team.run("up", expect=2)
        assert "platform.yaml:" in refused
        assert "no program 'chrun'" in refused
    finally:
        file.write_text(text)
    assert names_of_runs(team) == before
    assert team.json("preview", "--expect-no-changes")
