"""`pilothouse advise`: a file of needs is made, read, and becomes stacks."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pilothouse.advice import catalogue
from pilothouse.advice.needs import read as read_needs
from pilothouse.cli import app
from pilothouse.program.load import plan_of_files
from tests.unit.lifecycle.commands.test_compare import project_in

NEEDS = """\
team: {people: 4, skills: [python, aws], operationsHours: 4}
budget: 300
residency: {region: us}
existing: {accounts: [aws]}
"""


def said(*arguments: str, code: int = 0) -> str:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["advise", *arguments])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def needs(tmp_path: Path) -> Path:
    file = tmp_path / "needs.yaml"
    file.write_text(NEEDS, encoding="utf-8")
    return file


def test_a_template_is_written_once_and_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "needs.yaml"
    said(str(file), "--template")
    assert "worth a pilot" in said(str(file))
    before = file.read_bytes()
    assert "exists already" in said(str(file), "--template", code=2)
    assert file.read_bytes() == before


def test_without_a_file_it_says_how_to_make_one(tmp_path: Path) -> None:
    message = said(str(tmp_path / "needs.yaml"), code=2)
    assert "--ask" in message
    assert "--template" in message


def test_nobody_is_asked_without_a_terminal(tmp_path: Path) -> None:
    assert "not a terminal" in said(str(tmp_path / "needs.yaml"), "--ask", code=2)
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_from_answers_or_from_a_template_not_both(tmp_path: Path) -> None:
    said(str(tmp_path / "needs.yaml"), "--ask", "--template", code=2)
    assert not list(tmp_path.iterdir())


def test_a_terminal_is_asked_until_the_answers_are_valid(tmp_path: Path) -> None:
    answers = ("0", "4", "python, cobol", "python, aws", *("",) * 6, "none", "", "yes", "", "")
    ours, theirs = pty.openpty()
    program = [sys.executable, "-c", "from pilothouse.cli import main; main()"]
    process = subprocess.Popen(
        [*program, "advise", "--ask", "--json"],
        cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    said, asked = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, asked
    assert '"cobol" is unknown' in asked
    assert json.loads(said)["short_list"]
    read = read_needs(tmp_path / "needs.yaml", catalogue.load())
    assert (read.team.people, read.team.skills) == (4, ["python", "aws"])
    assert read.existing.cluster


def test_wrong_needs_are_refused_with_their_place(needs: Path) -> None:
    needs.write_text(f"{NEEDS}lockIn: none\n", encoding="utf-8")
    message = said(str(needs), code=2)
    assert ":5: lockIn" in message


def test_the_document_has_what_the_text_says(needs: Path) -> None:
    text = said(str(needs), "--json")
    found = json.loads(text[text.index("{\n") :])
    first = found["short_list"][0]
    assert first["name"] == "aws-managed"
    assert 0 < first["monthly"]["fixed"] <= first["monthly"]["expected"] < 300
    assert {verdict["effect"] for verdict in first["verdicts"]} == {"for"}
    assert "Neptune.ai" in found["other_systems"]


def test_the_short_list_becomes_stacks_that_can_be_read(needs: Path, tmp_path: Path) -> None:
    project = project_in(tmp_path / "project")
    (project / "stacks" / "Pulumi.local.yaml").unlink()
    said(str(needs), "--write", "--project", str(project))
    assert plan_of_files(project, "local", today=None).target == "local"
    advised = plan_of_files(project, "aws-managed", today=None)
    assert advised.settings.region == "us-east-1"


def test_a_stack_that_is_there_is_not_overwritten(needs: Path, tmp_path: Path) -> None:
    project = project_in(tmp_path / "project")
    before = sorted((project / "stacks").iterdir())
    said(str(needs), "--write", "--project", str(project), code=2)
    assert sorted((project / "stacks").iterdir()) == before


def test_a_narrow_terminal_shows_every_option_whole(needs: Path) -> None:
    done = CliRunner(env={"COLUMNS": "60"}).invoke(app, ["advise", str(needs)])
    tables = done.output.partition("worth a pilot")[0]
    assert "…" not in tables.partition("\n")[2]
    assert tables.count("points ") > 1
    for option in catalogue.load().options:
        for part in option.split("-"):
            assert part in tables
