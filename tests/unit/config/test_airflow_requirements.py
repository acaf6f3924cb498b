"""The file with what DAGs import: requirements alone, each fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from testkit.support.stacks import MINIMAL

from pilothouse.config import airflow_requirements
from pilothouse.config.platform_spec import Platform, load
from pilothouse.errors import InvalidInput


def platform(project: Path, line: str) -> Platform:
    file = project / "platform.yaml"
    file.write_text(f"{MINIMAL}orchestration: {{{line}}}\n", encoding="utf-8")
    return load(file, today=None)


def test_comments_and_empty_lines_are_no_requirements(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# all\n\nhumanize>=4  # names\nslack-sdk ; python_version > '3.9'\n")
    assert airflow_requirements.read(file) == [
        "humanize>=4",
        "slack-sdk ; python_version > '3.9'",
    ]


def test_a_requirement_from_an_address_keeps_its_fragment(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("names @ https://files.example.org/names-1.whl#sha256=0\n")
    assert airflow_requirements.read(file) == [
        "names @ https://files.example.org/names-1.whl#sha256=0"
    ]


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("--index-url https://index.example.org/simple", "UV_INDEX_URL"),
        ("-r others.txt", "an option is no requirement"),
        ("humanize>=>4", "such as apache-airflow-providers-http>=5"),
    ],
)
def test_another_line_is_refused_where_it_stands(tmp_path: Path, line: str, remedy: str) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(f"humanize\n{line}\n")
    with pytest.raises(InvalidInput, match=r"requirements\.txt:2") as raised:
        airflow_requirements.read(file)
    assert remedy in str(raised.value)


def test_a_file_that_is_not_there_is_refused_with_the_key(tmp_path: Path) -> None:
    named = platform(tmp_path, "requirements: none.txt")
    with pytest.raises(InvalidInput, match=r"orchestration\.requirements.*none\.txt"):
        airflow_requirements.check(tmp_path, named)
    airflow_requirements.check(tmp_path, platform(tmp_path, "engine: airflow"))


def test_without_airflow_nothing_imports_them(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="with engine: managed"):
        platform(tmp_path, "engine: managed, requirements: none.txt")
