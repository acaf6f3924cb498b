"""The team's own package on a real cluster: the same lines as elsewhere, each step a pod."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from kubernetes import client
from testkit.support.clusters import ClusterStack, cluster_stack
from testkit.support.stacks import MINIMAL, REPOSITORY

from tests.e2e.public_packages import PACKAGES, Public

if TYPE_CHECKING:
    from testkit.cluster.cluster import Cluster

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

PACKAGE = REPOSITORY / "tests" / "e2e" / "team_package"
SECRET = "warehouse-url-of-a-test"
WORKLOAD = """
workload:
  package: team
  parameters: {region: eu, seconds: 0}
  secrets: [WAREHOUSE_URL]
  steps:
    - {name: train, command: [churn, train], needs: [features], retries: 1, timeout: 5m}
    - name: features
      command: [churn, features, --region, $(PARAM_REGION)]
      resources: {cpu: 100m, memory: 300Mi}
    - {name: slow, command: [churn, slow], timeout: 20s}
"""


@pytest.fixture(scope="module")
def team(cluster: Cluster) -> Iterator[ClusterStack]:
    """A stack with the team's package in a namespace that has the team's Secret."""
    with cluster_stack(cluster.kubeconfig, "team") as made:
        (made.stack.project / "platform.yaml").write_text(MINIMAL + WORKLOAD)
        shutil.copytree(PACKAGE, made.stack.project / "team")
        metadata = client.V1ObjectMeta(name="team")
        made.core.create_namespace(client.V1Namespace(metadata=metadata))
        metadata = client.V1ObjectMeta(name="warehouse")
        body = client.V1Secret(metadata=metadata, string_data={"WAREHOUSE_URL": SECRET})
        made.core.create_namespaced_secret("team", body)
        made.settings(more={"namespaceExists": True, "workload": {"secret": "warehouse"}})
        assert made.stack.json("up")["package"]["name"] == "team-churn"
        yield made
        made.stack.run("down", "--yes")


@pytest.fixture(scope="module")
def run(team: ClusterStack) -> tuple[str, str]:
    """A run of all steps that has succeeded: its name, and what was said while it ran."""
    said = team.stack.run("run", "--follow", "--param", "region=us")
    return team.stack.json("runs", "--limit", "1")["runs"][0]["name"], said


def test_steps_run_in_their_order_with_parameters_secrets_and_inputs(
    run: tuple[str, str],
) -> None:
    _, said = run
    assert "features | features 1 of us, ['--region', 'us']" in said
    assert f"features | a secret of {len(SECRET)} characters" in said
    assert "train | trained on 3 rows of us" in said
    assert SECRET not in said
    assert said.index("features: success") < said.index("train: success")


def test_the_log_of_a_run_can_be_shown_later_and_no_pod_of_it_is_left(
    team: ClusterStack, run: tuple[str, str]
) -> None:
    name, _ = run
    said = team.stack.run("logs", "--run", name, "--step", "train").splitlines()
    assert "train | trained on 3 rows of us" in said
    assert said[-1] == "train | pilothouse: step ends: exit code 0"
    pods = team.core.list_namespaced_pod("team").items
    assert not [pod.metadata.name for pod in pods if pod.metadata.name.startswith("step-")]


def test_changed_code_runs_without_an_up_with_the_inputs_of_another_run(
    team: ClusterStack, run: tuple[str, str]
) -> None:
    code = team.stack.project / "team" / "churn" / "__init__.py"
    code.write_text(code.read_text().replace("trained on", "changed: trained on"))
    said = team.stack.run("run", "--follow", "--step", "train", "--inputs", run[0])
    assert "features: skipped" in said
    assert "train | changed: trained on 3 rows of us" in said


def test_a_step_that_takes_too_long_fails(team: ClusterStack) -> None:
    said = team.stack.run("run", "--follow", "--step", "slow", "--param", "seconds=600", expect=1)
    assert "failed: slow failed" in said


def test_a_secret_that_the_teams_secret_lacks_is_refused(team: ClusterStack) -> None:
    file = team.stack.project / "platform.yaml"
    text = file.read_text()
    try:
        file.write_text(text.replace("[WAREHOUSE_URL]", "[WAREHOUSE_URL, API_KEY]"))
        refused = team.stack.run("up", expect=2)
    finally:
        file.write_text(text)
    assert "workload.secrets[1]: found no value of API_KEY" in refused
    assert "`workload.secret`" in refused


@pytest.mark.long
@pytest.mark.parametrize("public", PACKAGES.values(), ids=PACKAGES)
def test_a_package_of_the_index_runs_as_it_is(team: ClusterStack, public: Public) -> None:
    file = team.stack.project / "platform.yaml"
    text = file.read_text()
    try:
        file.write_text(MINIMAL + public.workload)
        team.stack.run("up")
        assert public.says in team.stack.run("run", "--follow")
    finally:
        file.write_text(text)
        team.stack.run("up")


def test_the_services_own_commands_work_on_the_stack(
    team: ClusterStack, run: tuple[str, str]
) -> None:
    assert own_command(team, "airflow", "pools", "set", "small", "2", "two at once") == 0
    assert own_command(team, "airflow", "pools", "get", "small") == 0
    assert own_command(team, "airflow", "pools", "get", "none") != 0
    assert own_command(team, "mlflow", "experiments", "search") == 0


def own_command(team: ClusterStack, program: str, *arguments: str) -> int:
    """The exit code of `pilothouse airflow STACK -- …`, or `mlflow`."""
    pilothouse, *_ = team.stack.command(program)
    done = subprocess.run(
        [pilothouse, program, team.stack.name, "--project", team.stack.project, "--", *arguments],
        env=team.stack.environment(),
        check=False,
        timeout=200,
    )
    return done.returncode
