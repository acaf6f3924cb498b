"""The folders and ports of a local stack, from its settings and its project."""

import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pilothouse.config import platform_spec
from pilothouse.targets.local.processes import layout
from pilothouse.targets.local.processes.layout import PORTS, SYSTEM_FOLDER, Layout
from pilothouse.targets.local.settings.target import BLOCK, FIRST_PORT, LAST_PORT, LocalSettings

OPEN = Path("/usr/share/project")


SMALLEST = Path(__file__).parents[4] / "examples" / "minimal.yaml"


def of(project: Path = OPEN, suffix: str = "8d4bf3", **settings: Any) -> Layout:
    chosen = LocalSettings.model_validate(settings)
    platform = platform_spec.load(SMALLEST, today=None)
    plan: Any = SimpleNamespace(
        platform=platform, project=project, settings=chosen, stack="trial", suffix=suffix
    )
    return Layout.of(plan)


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def open_project(folder: Path) -> Path:
    project = folder / "project"
    project.mkdir()
    project.chmod(0o755)
    return project


def test_every_role_has_a_port_of_its_own_within_the_block(as_user: None) -> None:
    made = of()
    ports = [made.port(role) for role in PORTS]
    assert len(set(ports)) == len(PORTS) <= BLOCK
    assert set(ports) <= set(range(made.base_port, made.base_port + BLOCK))


def test_an_address_and_a_url_are_on_loopback(as_user: None) -> None:
    made = of(basePort=21000)
    assert made.address("postgres") == "127.0.0.1:21000"
    assert made.url("s3") == "http://127.0.0.1:21001"


def test_an_unknown_role_has_no_port(as_user: None) -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        of().port("printer")


def test_the_default_ports_follow_from_the_stack_and_stay_below_the_ephemeral_ones(
    as_user: None,
) -> None:
    assert of().base_port == of(project=Path("/opt")).base_port == of().base_port
    firsts = [of(suffix=f"{number:06x}").base_port for number in range(300)]
    assert len(set(firsts)) > 150
    assert all(FIRST_PORT <= first <= LAST_PORT - BLOCK for first in firsts)
    assert {(first - FIRST_PORT) % BLOCK for first in firsts} == {0}


def test_the_default_port_never_changes(as_user: None) -> None:
    """It is in every contract: another number would restart all that runs."""
    assert of(suffix="8d4bf3").base_port == 29860


def test_a_base_port_is_taken_as_it_is(as_user: None) -> None:
    assert of(basePort=1024).base_port == 1024


def test_a_users_stack_is_inside_of_the_project(as_user: None, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    made = of(project=tmp_path)
    assert made.home == tmp_path / ".pilothouse" / "trial"
    assert made.environments == tmp_path / ".pilothouse" / "environments"
    assert made.data == made.home / "data"


def test_roots_stack_is_inside_of_a_project_that_others_can_enter(
    as_root: None, open_project: Path
) -> None:
    assert of(project=open_project).home == open_project / ".pilothouse" / "trial"


def test_roots_stack_is_elsewhere_if_others_cannot_enter_the_project(
    as_root: None, open_project: Path
) -> None:
    open_project.chmod(0o700)
    home = of(project=open_project).home
    assert home.parent.parent == SYSTEM_FOLDER
    assert home.name == "trial"
    assert of(project=open_project).home == home


def test_a_closed_folder_above_the_project_is_seen(as_root: None, open_project: Path) -> None:
    inner = open_project / "inner"
    inner.mkdir(mode=0o755)
    open_project.chmod(0o750)
    assert of(project=inner).home.is_relative_to(SYSTEM_FOLDER)


def test_two_closed_projects_do_not_meet(as_root: None, open_project: Path) -> None:
    open_project.chmod(0o700)
    other = open_project / "other"
    other.mkdir()
    assert of(project=other).home != of(project=open_project).home
    assert of(project=other).environments != of(project=open_project).environments


@pytest.mark.usefixtures("as_root")
def test_a_chosen_home_is_taken_as_it_is(open_project: Path) -> None:
    open_project.chmod(0o700)
    assert of(project=open_project, home="/srv/pilot").home == Path("/srv/pilot")
    assert of(project=open_project, environments="/srv/envs").environments == Path("/srv/envs")


def test_a_relative_home_is_below_the_project(as_user: None) -> None:
    assert of(home="runtime/pilot").home == OPEN / "runtime" / "pilot"
    assert of(environments="envs").environments == OPEN / "envs"
    assert of(dags={"folder": "src/dags"}).dags == OPEN / "src" / "dags"


def test_dags_are_in_the_stacks_folder_unless_it_is_said_where(as_user: None) -> None:
    assert of(home="runtime/pilot").dags == OPEN / "runtime" / "pilot" / "dags"


def test_a_tilde_is_the_users_home(as_user: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/team")
    assert of(home="~/pilot").home == Path("/home/team/pilot")


def test_open_means_that_others_may_pass(open_project: Path) -> None:
    assert layout._is_open_to_others(open_project)
    open_project.chmod(stat.S_IRWXU | stat.S_IXOTH)
    assert layout._is_open_to_others(open_project)
    open_project.chmod(stat.S_IRWXU | stat.S_IROTH)
    assert not layout._is_open_to_others(open_project)
