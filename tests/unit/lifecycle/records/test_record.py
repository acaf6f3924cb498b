"""Records: one line for each command, whatever becomes of it, and no secret in any."""

import json
from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import InvalidInput, PilothouseError, Refused
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.records import record
from pilothouse.lifecycle.report import Report
from pilothouse.plan import Plan
from tests.targets.suite import platforms

EXAMPLE = platforms.ROOT / "examples" / "minimal.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(platforms.project_of(EXAMPLE, tmp_path / "project"))


@pytest.fixture
def plan(project: Project) -> Plan[Any]:
    return platforms.plan_of(project.root, "local")


@pytest.fixture
def report() -> Report:
    return Report(as_json=False)


def test_a_command_is_recorded_with_what_it_found(
    project: Project, plan: Plan[Any], report: Report
) -> None:
    with record.recording(project, plan, "up", report):
        report.document({"changes": {"create": 3}, "contract": {"secrets": {"key": "s3cret"}}})
    (found,) = record.read(project, plan.stack)
    assert (found.command, found.outcome, found.target) == ("up", "succeeded", "local")
    assert found.facts == {"changes": {"create": 3}}
    assert "s3cret" not in record.path_of(project, plan.stack).read_text()


@pytest.mark.parametrize(
    ("error", "outcome", "said"),
    [
        (PilothouseError("it broke\nwith details"), "failed", "it broke"),
        (Refused("not like that"), "refused", "not like that"),
        (KeyboardInterrupt(), "interrupted", "KeyboardInterrupt"),
        (ZeroDivisionError(), "failed", "ZeroDivisionError"),
    ],
    ids=["failed", "refused", "interrupted", "bug"],
)
def test_what_goes_wrong_is_recorded_and_goes_on(
    project: Project,
    plan: Plan[Any],
    report: Report,
    error: BaseException,
    outcome: str,
    said: str,
) -> None:
    with pytest.raises(type(error)), record.recording(project, plan, "verify", report):
        raise error
    (found,) = record.read(project, plan.stack)
    assert (found.outcome, found.error) == (outcome, said)


def test_records_are_only_appended_and_only_their_owner_reads_them(
    project: Project, plan: Plan[Any]
) -> None:
    record.note(project, plan, "first", 1)
    before = record.path_of(project, plan.stack).read_bytes()
    record.note(project, plan, "second", 0.5)
    path = record.path_of(project, plan.stack)
    assert path.read_bytes().startswith(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.hours for each in record.read(project, plan.stack)] == [1, 0.5]


@pytest.mark.parametrize(
    "line", ["{", '"text"', '{"schema": 2}', json.dumps({"schema": 1, "other": 1})]
)
def test_a_line_that_is_no_record_is_named(project: Project, plan: Plan[Any], line: str) -> None:
    record.note(project, plan, "first", 1)
    with record.path_of(project, plan.stack).open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(InvalidInput, match=r"local\.jsonl:2: found a line that is no record"):
        record.read(project, plan.stack)


def test_a_record_that_cannot_be_written_fails_no_command(
    project: Project, plan: Plan[Any], report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    record.path_of(project, plan.stack).mkdir(parents=True)
    with record.recording(project, plan, "up", report):
        pass
    assert "no record was written" in capsys.readouterr().out


def test_a_stack_without_records_has_none(project: Project) -> None:
    assert record.read(project, "other") == []
