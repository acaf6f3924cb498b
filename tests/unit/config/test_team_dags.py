"""`orchestration.dags`: which folder counts, and where another one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.config import team_dags
from pilothouse.config.platform_spec import Platform, load
from pilothouse.errors import InvalidInput, Problem

pytestmark = pytest.mark.usefixtures("own_folder")

BASE = """\
name: demo
owner: ml-team@example.org
pilot: {expires: 2027-12-31, monthlyBudget: 500}
"""


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is not in the project."""
    return tmp_path_factory.mktemp("elsewhere")


def platform(orchestration: str = "{}") -> Platform:
    text = f"{BASE}orchestration:\n  {orchestration}\n"
    Path("platform.yaml").write_text(text, encoding="utf-8")
    return load("platform.yaml", today=None)


def found(made: Platform, *, default: bool = True) -> Path | None:
    team_dags.check(Path.cwd(), made)
    return team_dags.find(Path.cwd(), made, default=default)


def problem(named: str) -> Problem:
    made = platform(f"dags: {named}")
    with pytest.raises(InvalidInput) as refused:
        team_dags.check(Path.cwd(), made)
    (only,) = refused.value.problems
    assert (only.file, only.line, only.key) == ("platform.yaml", 5, "orchestration.dags")
    assert only.remedy
    return only


def test_a_folder_of_the_usual_name_counts_where_there_is_one() -> None:
    assert found(platform()) is None
    Path("dags").touch()
    assert found(platform()) is None
    Path("dags").unlink()
    Path("dags").mkdir()
    assert found(platform()) == Path.cwd() / "dags"
    assert found(platform(), default=False) is None


def test_a_named_folder_counts_in_place_of_the_usual_one() -> None:
    Path("dags").mkdir()
    Path("team/pipelines").mkdir(parents=True)
    made = platform("dags: team/pipelines")
    assert found(made) == found(made, default=False) == Path.cwd() / "team" / "pipelines"


def test_the_targets_own_pipelines_have_no_folder() -> None:
    Path("dags").mkdir()
    assert found(platform("engine: managed")) is None
    with pytest.raises(InvalidInput) as refused:
        platform("{engine: managed, dags: dags}")
    (only,) = refused.value.problems
    assert (only.line, only.key) == (5, "orchestration.dags")
    assert only.found == '"dags" with engine: managed'


def test_a_folder_that_is_not_there_is_refused() -> None:
    assert problem("pipelines").found == "no folder pipelines"


def test_a_file_in_its_place_is_refused() -> None:
    Path("pipelines").touch()
    assert problem("pipelines").found == "pipelines, which is no folder"


@pytest.mark.parametrize("way", ["absolute", "up", "link"])
def test_a_folder_outside_of_the_project_is_refused(way: str, outside: Path) -> None:
    Path("link").symlink_to(outside)
    up = f"{'../' * len(Path.cwd().parts)}{str(outside).removeprefix('/')}"
    named = {"absolute": str(outside), "up": up, "link": "link"}[way]
    assert f"outside of the project to {outside.resolve()}" in problem(named).found


def test_the_usual_folder_is_refused_where_it_leads_outside(outside: Path) -> None:
    Path("dags").symlink_to(outside)
    with pytest.raises(InvalidInput, match="outside of the project"):
        team_dags.check(Path.cwd(), platform())


@pytest.mark.parametrize("named", [".", "..", "dags/.."])
def test_the_project_itself_is_refused(named: str) -> None:
    Path("dags").mkdir()
    assert "which has the whole project in it" in problem(named).found
