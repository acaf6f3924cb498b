"""The files that a team gives to MWAA: read once, refused by file and line, always the same."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from testkit.support.stacks import MINIMAL

from pilothouse.config import platform_spec
from pilothouse.errors import InvalidInput
from pilothouse.plan import Plan
from pilothouse.targets.aws.settings import team_files
from tests.targets.aws.plans import plan_of


def plan_with(project: Path, **orchestration: Any) -> Plan:
    """The plan of a stack of that project with these settings of MWAA."""
    return replace(plan_of("aws", orchestration=orchestration), project=project)


def refused(project: Path, **orchestration: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        team_files.read(plan_with(project, **orchestration))
    return str(caught.value)


def archive(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, b"")


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """A folder of plugins with what does not belong there."""
    folder = tmp_path / "plugins"
    left_out = ("own/__pycache__/hooks.pyc", ".git/config", "a.pyc")
    for name in ("churn.py", "own/hooks.py", ".airflowignore", *left_out):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_without_any_nothing_is_read(tmp_path: Path) -> None:
    assert team_files.read(plan_with(tmp_path / "absent")) == team_files.TeamFiles()


@pytest.mark.parametrize("key", ["requirements", "startupScript", "plugins"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, key: str) -> None:
    said = refused(tmp_path, **{key: "absent"})
    assert str(tmp_path / "absent") in said
    assert "No such file" in said


def test_pins_that_contradict_the_constraints_are_refused_with_both_places(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("boto3\nnumpy==1.26.4\n")
    (tmp_path / "constraints.txt").write_text("numpy==2.2.6\n")
    said = refused(tmp_path, requirements="requirements.txt", constraints="constraints.txt")
    assert f"{tmp_path / 'requirements.txt'}:2: found" in said
    assert f"where {tmp_path / 'constraints.txt'}:1 has ==2.2.6" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "found an empty file"), ("echo a\r\necho b\r\n", ":1: found Windows' ends of lines")],
)
def test_a_script_that_bash_would_not_run_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "startup.sh").write_bytes(text.encode())
    assert words in refused(tmp_path, startupScript="startup.sh")


def test_a_folder_becomes_an_archive_of_what_is_meant(tmp_path: Path, plugins: Path) -> None:
    content = team_files.read(plan_with(tmp_path, plugins="plugins")).plugins or b""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert made.namelist() == [".airflowignore", "churn.py", "own/hooks.py"]
        assert made.read("own/hooks.py") == b"own/hooks.py"


def test_equal_folders_give_equal_archives(tmp_path: Path, plugins: Path) -> None:
    plan = plan_with(tmp_path, plugins="plugins")
    before = team_files.read(plan)
    os.utime(plugins / "churn.py", (0, 0))
    assert team_files.read(plan) == before
    (plugins / "churn.py").write_text("changed")
    assert team_files.read(plan) != before


def test_an_archive_is_taken_as_it_is(tmp_path: Path) -> None:
    archive(tmp_path / "plugins.zip", "churn.py")
    given = team_files.read(plan_with(tmp_path, plugins="plugins.zip"))
    assert given.plugins == (tmp_path / "plugins.zip").read_bytes()


def test_plugins_that_are_none_are_refused(tmp_path: Path, plugins: Path) -> None:
    (tmp_path / "plugins.zip").write_text("no archive")
    assert "found a file that is no ZIP archive" in refused(tmp_path, plugins="plugins.zip")
    archive(tmp_path / "outside.zip", "../churn.py")
    assert 'found "../churn.py" in the archive' in refused(tmp_path, plugins="outside.zip")
    (tmp_path / "empty").mkdir()
    assert "found a folder without files" in refused(tmp_path, plugins="empty")
    (plugins / "link.py").symlink_to(plugins / "churn.py")
    assert "found a symlink to" in refused(tmp_path, plugins="plugins")


def test_the_platforms_requirements_count_where_the_stack_names_none(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("pandas==2.2.3\n")
    (tmp_path / "shared.txt").write_text("humanize==4.9.0\n")
    file = tmp_path / "platform.yaml"
    file.write_text(MINIMAL + "orchestration: {requirements: shared.txt}\n")
    shared = platform_spec.load(file, today=None)

    def read(**orchestration: Any) -> str:
        plan = replace(plan_with(tmp_path, **orchestration), platform=shared)
        found = team_files.read(plan).requirements
        return found.text if found else ""

    assert read() == "humanize==4.9.0\n"
    assert read(requirements="own.txt") == "pandas==2.2.3\n"
