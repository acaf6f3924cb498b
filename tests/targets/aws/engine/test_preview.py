"""The whole platform on AWS can be looked at with no credentials and no network."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from testkit.support.accounts import Project, platform_project

pytestmark = pytest.mark.engine

# A network of its own, in which there is nothing but loopback: the kernel refuses all else.
ALONE = ("unshare", "--net", *(() if os.geteuid() == 0 else ("--map-root-user",)), "sh", "-c")
WITHOUT_NETWORK = (*ALONE, 'ip link set lo up && exec "$@"', "sh")


@pytest.fixture(scope="module")
def pilot() -> Iterator[Project]:
    """The default stack, not up, with a provider that the engine starts by itself."""
    with platform_project({}) as project:
        yield project


def run(project: Project, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WITHOUT_NETWORK, *command],
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_there_is_no_way_out_and_no_credential(pilot: Project) -> None:
    assert run(pilot, "ip", "route", "show").stdout == ""
    assert [name for name in pilot.environment() if name.startswith("AWS_")] == []


def test_a_raw_preview_shows_the_whole_platform(pilot: Project) -> None:
    done = run(pilot, "pulumi", "preview", "--stack", pilot.stack, "--non-interactive")
    assert done.returncode == 0, done.stdout + done.stderr
    made = [line for line in done.stdout.splitlines() if " aws:" in line]
    assert len(made) > 60
    assert all(line.startswith(" +") for line in made)
    for kind in ("mwaa:Environment", "sagemaker:MlflowApp", "s3:Bucket ", "budgets:Budget"):
        assert any(kind in line for line in made), kind


def test_so_does_the_command_and_both_estimate_the_same(pilot: Project) -> None:
    """A preview prices what the engine registered, and `cost` what a dry run did."""
    previewed = document(pilot, "preview")
    assert previewed["changes"]["create"] > 60
    estimates = [found["cost"] for found in (previewed, document(pilot, "cost"))]
    assert estimates[0]["proposed"]["fixed"] > 300
    assert estimates[0]["prior"] is None
    assert sorted(map(str, estimates[0].pop("lines"))) == sorted(
        map(str, estimates[1].pop("lines"))
    )
    assert estimates[0] == estimates[1]


def document(project: Project, command: str) -> Any:
    """What a command says as JSON."""
    folder = str(project.folder)
    done = run(project, "pilothouse", command, project.stack, "--project", folder, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_an_up_beyond_the_budget_is_refused_by_its_fixed_costs(pilot: Project) -> None:
    file = pilot.folder / "platform.yaml"
    text = file.read_text()
    file.write_text(re.sub(r"monthlyBudget: \d+", "monthlyBudget: 20", text))
    folder = str(pilot.folder)
    try:
        done = run(pilot, "pilothouse", "up", pilot.stack, "--project", folder)
        shown = run(pilot, "pilothouse", "cost", pilot.stack, "--project", folder)
    finally:
        file.write_text(text)
    assert done.returncode == 2
    assert "a month costs $397.39 even if nothing runs" in done.stderr
    assert "pilot.monthlyBudget ($20.00)" in done.stderr
    assert shown.returncode == 0
    assert "more than pilot.monthlyBudget ($20.00)" in shown.stdout
