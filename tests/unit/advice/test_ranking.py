"""The short list: what a need does to an option, what counts, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from pilothouse.advice import catalogue, changes, ranking
from pilothouse.advice.needs import Needs
from pilothouse.advice.ranking import Advice, Judged
from pilothouse.advice.rules import Candidate, MonthlyCost

KNOWN = catalogue.load()
LEAST: Mapping[str, Any] = {"team": {"people": 2, "operationsHours": 4.0}, "budget": 500.0}


def needs(**values: Any) -> Needs:
    return Needs.model_validate({**LEAST, **values}, by_alias=True, by_name=True)


def candidates(costs: Mapping[str, tuple[str, str]] | None = None) -> list[Candidate]:
    """Every option; with a fixed and an expected amount where `costs` name it."""
    amounts = {
        name: MonthlyCost(fixed=Decimal(fixed), expected=Decimal(expected), is_complete=True)
        for name, (fixed, expected) in (costs or {}).items()
    }
    return [
        Candidate(name=name, option=option, cost=amounts.get(name))
        for name, option in KNOWN.options.items()
    ]


def advice(costs: Mapping[str, tuple[str, str]] | None = None, **values: Any) -> Advice:
    return ranking.advise(needs(**values), candidates(costs), KNOWN)


def option(found: Advice, name: str) -> Judged:
    listed = (*found.short_list, *found.elsewhere, *found.excluded)
    return next(each for each in listed if each.name == name)


def effect(found: Advice, name: str, need: str) -> str:
    verdict = option(found, name).of(need)
    return verdict.effect if verdict else ""


@pytest.mark.parametrize(
    ("values", "name", "need", "wanted"),
    [
        ({"residency": {"place": "own-hardware"}}, "aws-managed", "residency", "excluded"),
        ({"residency": {"place": "own-hardware"}}, "kubernetes", "residency", "for"),
        ({"residency": {"place": "own-account"}}, "aws-managed", "residency", "for"),
        ({}, "aws-managed", "residency", ""),
        ({"must_haves": ["notebooks"]}, "kubernetes", "mustHaves.notebooks", "excluded"),
        ({"must_haves": ["notebooks"]}, "aws-managed", "mustHaves.notebooks", "for"),
        ({"workloads": {"capabilities": ["notebooks"]}}, "local", "workloads.notebooks", "against"),
        ({"workloads": {"gpus": "sometimes"}}, "local", "gpus", "excluded"),
        ({"workloads": {"gpus": "sometimes"}}, "kubernetes", "gpus", "neutral"),
        ({"workloads": {"gpus": "always"}}, "kubernetes", "gpus", "for"),
        ({"workloads": {"scheduled": True}}, "local", "scheduled", "against"),
        ({"workloads": {"scheduled": True}}, "aws-managed", "scheduled", "for"),
        ({"existing": {"cluster": True}}, "kubernetes", "existing", "for"),
        ({}, "kubernetes", "existing", "against"),
        ({"existing": {"accounts": ["aws"]}}, "aws-managed", "existing", "for"),
        ({"lock_in": "low"}, "aws-managed", "lockIn", "against"),
        ({"lock_in": "low"}, "kubernetes", "lockIn", "for"),
        ({"lock_in": "high"}, "aws-managed", "lockIn", ""),
    ],
)
def test_a_need_is_for_an_option_against_it_or_excludes_it(
    values: dict[str, Any], name: str, need: str, wanted: str
) -> None:
    assert effect(advice(**values), name, need) == wanted


@pytest.mark.parametrize(
    ("amounts", "wanted"),
    [(("10", "20"), "for"), (("400", "600"), "against"), (("501", "600"), "excluded")],
)
def test_a_budget_excludes_what_costs_more_while_nothing_runs(
    amounts: tuple[str, str], wanted: str
) -> None:
    assert effect(advice({"aws-managed": amounts}), "aws-managed", "budget") == wanted


def test_an_unknown_cost_is_neither_for_nor_against() -> None:
    assert effect(advice(), "kubernetes", "budget") == "neutral"


def test_what_is_excluded_is_in_no_list_whatever_its_points() -> None:
    found = advice(must_haves=["open-source"])
    assert {each.name for each in found.short_list} == {"local", "kubernetes"}
    assert "aws-managed" in {each.name for each in found.excluded}


def test_a_weight_counts_for_one_capability_or_for_all() -> None:
    values: dict[str, Any] = {"workloads": {"capabilities": ["notebooks", "audit-log"]}}
    plain = option(advice(**values), "aws-managed").points
    one = option(advice(**values, weights={"workloads.notebooks": 3.0}), "aws-managed").points
    both = option(advice(**values, weights={"workloads": 3.0}), "aws-managed").points
    assert (one - plain, both - plain) == (2, 4)


def test_of_equal_points_fewer_hours_of_operations_come_first() -> None:
    listed = [each for each in advice().short_list if each.points == 0]
    hours = [each.candidate.option.operations_hours for each in listed]
    assert hours == sorted(hours)


def test_the_answers_that_would_change_the_first_place_are_found() -> None:
    wanted = needs(existing={"accounts": ["aws"]}, must_haves=["notebooks"])
    found = {each.answer: each.first for each in changes.find(wanted, candidates(), KNOWN)}
    assert found["with residency.place: own-hardware"] == ""
    assert all(first != "aws-managed" for first in found.values())


def test_a_change_that_is_found_does_change_the_first_place() -> None:
    wanted = needs(team={"people": 2, "operationsHours": 3.0, "skills": ["python", "airflow"]})
    found = changes.find(wanted, candidates(), KNOWN)
    answer = next(each for each in found if each.answer == "with workloads.gpus: sometimes")
    changed = wanted.model_copy(
        update={"workloads": wanted.workloads.model_copy(update={"gpus": "sometimes"})}
    )
    assert ranking.advise(wanted, candidates(), KNOWN).short_list[0].name == "local"
    assert ranking.advise(changed, candidates(), KNOWN).short_list[0].name == answer.first


def test_a_system_that_was_shut_down_is_named_with_what_its_users_take() -> None:
    reasons = dict(ranking.others(KNOWN))
    assert "2026-03-05" in reasons["Neptune.ai"]
    assert "MLflow" in reasons["Neptune.ai"]
