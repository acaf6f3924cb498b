"""The settings of a local stack: what is refused."""

from datetime import date
from pathlib import Path
from typing import Any

import pydantic
import pytest
import yaml
from testkit.support.stacks import MINIMAL

from pilothouse.errors import InvalidInput, Problem
from pilothouse.program.load import definition_of, plan_of_definition, plan_of_files
from pilothouse.targets.local.settings.target import BLOCK, LocalSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"basePort": 1023},
        {"basePort": 65536 - BLOCK},
        {"basePort": "21000"},
        {"basePort": 21000.5},
        {"basePort": True},
        {"home": ""},
        {"home": 7},
        {"environments": ""},
        {"postgresUser": ""},
        {"dags": {"folder": ""}},
        {"dags": {"folder": 7}},
        {"dags": {"path": "dags"}},
        {"oidc": {}},
        {"oidc": {"clientSecretFile": ""}},
        {"oidc": {"clientSecret": "hidden"}},
        {"postgres_user": "nobody"},
        {"port": 21000},
    ],
    ids=str,
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        LocalSettings.model_validate(wrong)


def test_the_last_block_fits() -> None:
    assert LocalSettings.model_validate({"basePort": 65535 - BLOCK}).base_port == 65535 - BLOCK


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "platform.yaml").write_text(MINIMAL)
    return tmp_path


def say(project: Path, **settings: Any) -> None:
    config = {"pilothouse:target": "local", "pilothouse:local": settings}
    (project / "stacks" / "Pulumi.pilot.yaml").write_text(yaml.safe_dump({"config": config}))


def refused(project: Path, today: date) -> Problem:
    with pytest.raises(InvalidInput) as caught:
        plan_of_files(project, "pilot", today=today)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("path", ["dags", "/nowhere/dags", "~/no-such-folder-of-dags"])
def test_a_folder_of_dags_that_is_not_there_is_refused_with_its_line(
    project: Path, today: date, path: str
) -> None:
    say(project, dags={"folder": path})
    problem = refused(project, today)
    place = (problem.file, problem.line, problem.key)
    file = project / "stacks" / "Pulumi.pilot.yaml"
    assert place == (str(file), 4, "config.pilothouse:local.dags.folder")
    assert problem.found == f"no folder {project / Path(path).expanduser()}"
    assert "make the folder" in problem.remedy


def test_a_file_is_no_folder_of_dags(project: Path, today: date) -> None:
    (project / "dags").touch()
    say(project, dags={"folder": "dags"})
    assert refused(project, today).found == f"no folder {project / 'dags'}"


def test_a_stack_whose_folder_of_dags_is_gone_can_still_be_taken_away(
    project: Path, today: date
) -> None:
    (project / "dags").mkdir()
    say(project, dags={"folder": "dags"})
    definition = definition_of(plan_of_files(project, "pilot", today=today))
    (project / "dags").rmdir()
    again = plan_of_definition(project, "pilot", definition)
    assert again.settings.dags.folder == "dags"
    assert plan_of_files(project, "pilot", today=None).settings == again.settings


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("packages", ["lightgbm"], "docs/local-dags.md"),
        ("env", {"HTTPS_PROXY": "http://proxy:3128"}, "docs/local-dags.md"),
        ("dags", {"gitSync": {}}, "clone the repository"),
    ],
)
def test_what_other_targets_have_is_refused_with_how_else(
    project: Path, today: date, key: str, value: object, remedy: str
) -> None:
    say(project, **{key: value})
    problem = refused(project, today)
    assert problem.key.startswith(f"config.pilothouse:local.{key}")
    assert problem.found == "an unknown key"
    assert remedy in problem.remedy


OIDC = """
access:
  oidc: {issuer: "https://id.example.org", clientId: pilot, roles: {user: [team]}}
"""


def test_a_provider_needs_the_secret_of_its_client(project: Path, today: date) -> None:
    (project / "platform.yaml").write_text(MINIMAL + OIDC)
    say(project)
    problem = refused(project, today)
    assert (problem.key, problem.found) == (
        "config.pilothouse:local.oidc",
        "nothing, with access.oidc in platform.yaml",
    )
    assert "clientSecretFile" in problem.remedy


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_secret_that_is_not_there_is_refused_with_its_file(
    project: Path, today: date, content: str | None
) -> None:
    (project / "platform.yaml").write_text(MINIMAL + OIDC)
    if content is not None:
        (project / "secret").write_text(content)
    say(project, oidc={"clientSecretFile": "secret"})
    problem = refused(project, today)
    assert problem.key == "config.pilothouse:local.oidc.clientSecretFile"
    assert str(project / "secret") in problem.found
