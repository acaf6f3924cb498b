"""The advice that ten teams get, from one student to a platform team of a company."""

import os
from datetime import date
from pathlib import Path

import pytest

from pilothouse.advice import catalogue
from pilothouse.advice.needs import read
from pilothouse.advice.ranking import Advice, advise
from pilothouse.lifecycle import candidates, commands
from pilothouse.lifecycle.report import Report

TEAMS = Path(__file__).parent / "teams"
TODAY = date(2026, 11, 28)
FIRST = {
    "one-student": "local",
    "startup-on-aws": "aws-managed",
    "clinic": "kubernetes",
    "research-group": "kubernetes",
    "bank": "aws-managed",
    "shop-on-google": "aws-managed",
    "analysts-on-databricks": "aws-managed",
    "charity": "aws-managed",
    "platform-team": "aws-managed",
    "impossible": "",
}
"""Whom a person would send where; `elsewhere` may still be better, which the advice says."""


def advice(team: str) -> Advice:
    known = catalogue.load()
    needs = read(TEAMS / f"{team}.yaml", known)
    return advise(needs, list(candidates.of(known, needs, TODAY)), known)


def test_there_are_ten_teams() -> None:
    assert {path.stem for path in TEAMS.glob("*.yaml")} == FIRST.keys()
    assert len(FIRST) == 10


@pytest.mark.parametrize("team", FIRST)
def test_a_team_gets_the_advice_that_was_reviewed(
    team: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("NO_COLOR", "1")
    commands.advise.run(TEAMS / f"{team}.yaml", Report(as_json=False), TODAY)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    text = "\n".join(lines) + "\n"
    golden = TEAMS / f"{team}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("team", FIRST)
def test_the_first_of_the_short_list_is_where_a_person_would_begin(team: str) -> None:
    listed = advice(team).short_list
    assert (listed[0].name if listed else "") == FIRST[team]


@pytest.mark.parametrize(
    ("team", "better"), [("shop-on-google", "vertex-ai"), ("analysts-on-databricks", "databricks")]
)
def test_an_option_that_no_target_sets_up_is_shown_with_its_points(team: str, better: str) -> None:
    found = advice(team)
    assert found.elsewhere[0].name == better
    assert found.elsewhere[0].points > found.short_list[0].points


@pytest.mark.parametrize("team", FIRST)
def test_points_are_the_weights_for_less_those_against(team: str) -> None:
    found = advice(team)
    for each in (*found.short_list, *found.elsewhere):
        signs = {"for": 1, "against": -1, "neutral": 0}
        counted = [signs[v.effect] * found.weights[v.need] for v in each.verdicts]
        assert each.points == sum(counted)
