"""`pilothouse compare` and `note`, on a project with three stacks and their records."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pilothouse.cli import app
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.records import record
from pilothouse.lifecycle.records.record import Record
from tests.targets.suite import platforms

EXAMPLE = platforms.ROOT / "examples" / "minimal.yaml"
PRICES = {"cpuHour": 0.03, "memoryHour": 0.004, "volumeMonth": 0.1}
STACKS: Mapping[str, Mapping[str, Any]] = {
    "local": {},
    "pilot": {"namespace": "pilot", "cost": PRICES},
    "cloud": {"region": "eu-west-1", "accountId": "123456789012"},
}
TARGETS = {"local": "local", "pilot": "kubernetes", "cloud": "aws"}


def project_in(folder: Path) -> Path:
    """A project with a stack on each target, none of them up."""
    platforms.project_of(EXAMPLE, folder)
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\nmain: infra\n")
    (folder / "stacks").mkdir()
    for stack, settings in STACKS.items():
        target = TARGETS[stack]
        config = {"pilothouse:target": target, f"pilothouse:{target}": settings}
        file = folder / "stacks" / f"Pulumi.{stack}.yaml"
        file.write_text(json.dumps({"config": config}))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_in(tmp_path / "project")


def said(project: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*arguments, "--project", str(project)])
    assert done.exit_code == code, done.output
    return done.output


def document(project: Path, *arguments: str) -> Any:
    text = said(project, *arguments, "--json")
    return json.loads(text[text.index("{\n") :])


CONTRACT = {
    "tracking": {
        "uri": "http://127.0.0.1:5000",
        "console": "http://127.0.0.1:5000",
        "environment": {"MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"},
        "secrets": ["MLFLOW_TRACKING_PASSWORD"],
    }
}


def set_up(project: Path, stack: str, seconds: float) -> None:
    made = Record(
        time="2026-11-28T10:00:00+00:00", command="up", outcome="succeeded", seconds=seconds,
        platform="churn", target=TARGETS[stack], pilothouse="0.1.0",
        facts={"changes": {"create": 9}, **CONTRACT},
    )  # fmt: skip
    record.append(Project(project), stack, made)


def test_stacks_are_shown_side_by_side_each_figure_with_its_label(project: Path) -> None:
    set_up(project, "local", 31)
    set_up(project, "pilot", 95)
    text = said(project, "compare", "local", "pilot", "cloud")
    (line,) = [each for each in text.splitlines() if each.startswith("set up")]
    assert "measured" in line
    assert "31.0 s" in line
    assert "1 min 35 s" in line
    assert line.rstrip().endswith("not measured")
    assert "local (local)" in text
    assert "listed" in text
    assert "36 months, without people" in text


def test_the_needs_of_the_project_are_judged_for_each_stack(project: Path) -> None:
    needs = "team: {people: 2, operationsHours: 4}\nbudget: 9\nresidency: {place: own-hardware}\n"
    assert document(project, "compare", "cloud")["stacks"][0]["needs"] == []
    (project / "needs.yaml").write_text(needs, encoding="utf-8")
    local, cloud = document(project, "compare", "local", "cloud")["stacks"]
    effects = [
        {each["need"]: each["effect"] for each in found["needs"]} for found in (local, cloud)
    ]
    assert [each["residency"] for each in effects] == ["for", "excluded"]
    assert [each["budget"] for each in effects] == ["neutral", "excluded"]


def test_needs_that_are_wrong_are_refused_with_their_place(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("team: {people: 2}\nbudget: 9\n", encoding="utf-8")
    message = said(project, "compare", "cloud", "--needs", str(file), code=2)
    assert "team.operationsHours" in message


def test_risks_say_what_was_not_measured_and_what_leaves(project: Path) -> None:
    set_up(project, "pilot", 95)
    pilot, cloud = (
        each["risks"] for each in document(project, "compare", "pilot", "cloud")["stacks"]
    )
    assert "Its teardown was never measured." in pilot
    assert any(each.startswith("Leaving Kubernetes (lock-in low)") for each in pilot)
    assert "It was never set up: nothing of it was measured." in cloud
    assert any(each.startswith("Leaving Amazon MWAA") for each in cloud)


def test_the_same_records_give_the_same_document(project: Path) -> None:
    set_up(project, "pilot", 95)
    assert document(project, "compare", "pilot") == document(project, "compare", "pilot")


def test_hours_of_people_are_counted_only_at_a_rate_that_is_said(project: Path) -> None:
    without = document(project, "compare", "cloud")["stacks"][0]["totals"][0]
    assert without["people"] == 0
    options = ("--rate", "100", "--hours", "cloud=5")
    counted = document(project, "compare", "cloud", *options)["stacks"][0]["totals"][0]
    assert counted["people"] == 5 * 100 * 12
    assert counted["infrastructure"] == without["infrastructure"]
    unsaid = document(project, "compare", "cloud", "--rate", "100")["stacks"][0]["totals"][0]
    assert not unsaid["is_complete"]


def test_noted_hours_count_where_nobody_said_any(project: Path) -> None:
    set_up(project, "cloud", 30)
    said(project, "note", "cloud", "upgrade", "--hours", "6")
    (found,) = document(project, "compare", "cloud", "--rate", "100")["stacks"]
    assert found["hours_a_month"] == 6
    assert found["totals"][0]["is_complete"]
    options = ("--rate", "100", "--hours", "cloud=2")
    (found,) = document(project, "compare", "cloud", *options)["stacks"]
    assert found["hours_a_month"] == 2


def test_the_hours_that_decide_are_said(project: Path) -> None:
    found = document(project, "compare", "pilot", "cloud", "--rate", "100")
    pilot, cloud = (each["monthly"]["expected"] for each in found["stacks"])
    (even,) = found["break_evens"]
    assert (even["cheaper"], even["dearer"]) == ("pilot", "cloud")
    assert abs(even["hours"] - (cloud - pilot) / 100) < 0.01
    text = said(project, "compare", "pilot", "cloud", "--rate", "100")
    assert "pilot is cheaper than cloud while it takes less than" in text.replace("\n", " ")


def test_a_note_enters_the_comparison(project: Path) -> None:
    said(project, "note", "pilot", "upgrade of the cluster", "--hours", "2.5")
    text = said(project, "compare", "pilot")
    assert "2.5 h" in text
    assert "pilot: upgrade of the cluster" in text


def test_a_failure_is_told(project: Path) -> None:
    failed = Record(
        time="2026-11-28T10:00:00+00:00", command="up", outcome="failed", seconds=9,
        platform="churn", target="local", pilothouse="0.1.0", error="the disk is full",
    )  # fmt: skip
    record.append(Project(project), "local", failed)
    assert "local: up: the disk is full" in said(project, "compare", "local")


def test_a_page_has_every_figure_and_the_same_bytes_again(project: Path, tmp_path: Path) -> None:
    set_up(project, "pilot", 95)
    said(project, "note", "pilot", "<b>bold</b> & more")
    files = [tmp_path / name for name in ("one.html", "two.html")]
    for file in files:
        said(project, "compare", "pilot", "cloud", "--rate", "90", "--html", str(file))
    assert files[0].read_bytes() == files[1].read_bytes()
    text = files[0].read_text()
    assert "1 min 35 s" in text
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in text
    assert "hours a month more, at $90 an hour" in text
    assert "<script" not in text


def test_a_page_that_cannot_be_written_is_refused(project: Path, tmp_path: Path) -> None:
    text = said(project, "compare", "pilot", "--html", str(tmp_path), code=2)
    assert "cannot be written" in text.replace("\n", " ")


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("pilot", "write STACK=HOURS"),
        ("pilot=-1", "write STACK=HOURS"),
        ("pilot=nan", "write STACK=HOURS"),
        ("other=1", "--hours names other, which is not compared"),
    ],
)
def test_wrong_hours_are_refused(project: Path, option: str, reason: str) -> None:
    text = said(project, "compare", "pilot", "--rate", "1", "--hours", option, code=2)
    assert reason in text.replace("\n", " ")


def test_a_stack_without_a_file_is_refused(project: Path) -> None:
    assert "no file for stack" in said(project, "compare", "nowhere", code=2)
