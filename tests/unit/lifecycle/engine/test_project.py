"""A project is found from within, and `pulumi` gets what it needs for it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pilothouse import targets
from pilothouse.errors import InvalidInput, PilothouseError, Refused
from pilothouse.lifecycle.engine.project import Project, backend_url, state_folder

pytestmark = pytest.mark.usefixtures("nothing_chosen")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: pilothouse\n")
    return Project(root)


def add_stacks(project: Project, *names: str) -> None:
    for name in names:
        (project.root / "stacks" / f"Pulumi.{name}.yaml").write_text("config: {}\n")


def test_a_project_is_found_from_a_folder_in_it(project: Project) -> None:
    assert Project.find(project.root / "stacks") == project


def test_outside_of_a_project_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(PilothouseError, match="--project"):
        Project.find(tmp_path)


def test_the_only_stack_needs_no_name(project: Project) -> None:
    add_stacks(project, "local")
    assert project.stack(None) == "local"


def test_several_stacks_are_listed_where_none_is_named(project: Project) -> None:
    add_stacks(project, "aws", "local")
    with pytest.raises(InvalidInput, match="aws, local"):
        project.stack(None)


def test_a_project_without_stacks_says_how_to_add_one(project: Project) -> None:
    with pytest.raises(InvalidInput, match=r"add stacks/Pulumi\.<stack>\.yaml"):
        project.stack(None)


def test_only_a_target_with_plugins_finds_those_of_the_set_up(project: Project) -> None:
    plugins = project.root / ".toolchain" / "plugins"
    plugins.mkdir(parents=True)
    for target, found in (("kubernetes", True), ("local", False), (None, False)):
        folders = project.variables(target)["PATH"].split(os.pathsep)
        assert (str(plugins) in folders) == found


def test_no_target_has_the_engine_download_plugins(project: Project) -> None:
    for target in ("kubernetes", "aws", "local", None):
        variables = project.variables(target)
        assert variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"


def test_the_plugins_and_the_program_of_pulumi_yaml_are_known(project: Project) -> None:
    assert project.plugins == frozenset()
    (project.root / "Pulumi.yaml").write_text(
        "name: pilothouse\nmain: infra\n"
        "plugins: {providers: [{name: kubernetes, path: ../plugin}]}\n"
    )
    assert project.plugins == {"kubernetes"}
    assert project.program == project.root / "infra" / "__main__.py"


def test_a_target_adds_its_own_variables(project: Project) -> None:
    (name, value), *_ = targets.registered()["kubernetes"].variables.items()
    assert project.variables("kubernetes")[name] == value
    assert name not in project.variables("local")


def test_state_and_passphrase_are_those_of_the_clone(project: Project) -> None:
    variables = project.variables("local")
    folder = project.root / ".pilothouse"
    assert variables["PULUMI_BACKEND_URL"] == f"file://{folder}/state?metadata=skip"
    assert variables["PULUMI_CONFIG_PASSPHRASE_FILE"] == f"{folder}/passphrase"


def test_a_chosen_backend_and_passphrase_are_left_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://mine")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    variables = project.variables("local")
    assert not {"PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE"} & set(variables)
    assert backend_url(variables) == "s3://mine"
    assert not project.folder.exists()


def test_no_proxy_is_asked_for_this_machine(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", ".corp")
    monkeypatch.delenv("no_proxy", raising=False)
    variables = project.variables("local")
    assert variables["NO_PROXY"] == variables["no_proxy"] == ".corp,127.0.0.1,localhost,::1"


def test_a_login_counts_as_a_choice(project: Project, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    credentials = tmp_path / "home" / "credentials.json"
    credentials.write_text(json.dumps({"current": "https://api.example"}))
    variables = project.variables("local")
    assert "PULUMI_BACKEND_URL" not in variables
    assert backend_url(variables) == "https://api.example"


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%20b", "ä b"])
def test_any_path_is_escaped_in_the_url_of_the_state(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    root.mkdir()
    url = Project(root).variables()["PULUMI_BACKEND_URL"]
    assert urlsplit(url).query == "metadata=skip"
    assert urlsplit(url).fragment == ""
    assert state_folder(url) == root / ".pilothouse" / "state" / ".pulumi"


def test_a_folder_that_cannot_be_made_is_named(project: Project) -> None:
    (project.root / ".pilothouse").write_text("no folder")
    with pytest.raises(Refused, match=r"state cannot be made: .*make the project writable"):
        project.ensure_state()
