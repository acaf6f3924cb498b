"""The whole platform on AWS can be looked at with no credentials and no network."""

import os
import subprocess
from collections.abc import Iterator

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


def test_so_does_the_command(pilot: Project) -> None:
    project = str(pilot.folder)
    done = run(pilot, "pilothouse", "preview", pilot.stack, "--project", project, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"create": ' in done.stdout
