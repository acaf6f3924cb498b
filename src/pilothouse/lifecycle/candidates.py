"""The options of the catalogue as stacks: their files, and what they would cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from pilothouse import targets
from pilothouse.advice.catalogue import Catalogue, Option
from pilothouse.advice.needs import Needs
from pilothouse.advice.rules import Candidate, MonthlyCost
from pilothouse.cost.estimate import Estimate
from pilothouse.cost.price_book import Unpriced
from pilothouse.lifecycle import costs
from pilothouse.plan import Plan
from pilothouse.program.load import plan_of_definition

SIZES = ((5, "small"), (25, "medium"))
"""Up to how many people a platform of a size does for; `large` beyond."""


def of(catalogue: Catalogue, needs: Needs, today: date) -> Iterator[Candidate]:
    """Every option with its cost, where a target sets it up and all that it needs has a price."""
    for name, option in catalogue.options.items():
        yield Candidate(name=name, option=option, cost=_cost(option, needs, today))


def option_of(catalogue: Catalogue, plan: Plan[Any]) -> tuple[str, Option] | None:
    """The option that a stack is, with its name: the one that says most of it."""
    written = plan.platform.model_dump(by_alias=True)
    found = [
        (name, option)
        for name, option in catalogue.options.items()
        if option.target == plan.target and _agrees(option.platform, written)
    ]
    return max(found, key=lambda each: len(each[1].platform), default=None)


def cost_of(estimate: Estimate | None) -> MonthlyCost | None:
    """What an option costs by the estimate of its stack."""
    if estimate is None or not estimate.lines:
        return None
    return MonthlyCost(
        fixed=estimate.fixed,
        expected=estimate.monthly.expected,
        is_complete=estimate.is_complete,
    )


def size(needs: Needs) -> str:
    """The platform's size by which options are priced."""
    return next((name for most, name in SIZES if needs.team.people <= most), "large")


def settings_text(option: Option, needs: Needs) -> str:
    """The target's settings of an option's stack, as YAML."""
    return option.stack.replace("{region}", option.regions.get(needs.residency.region, ""))


def _cost(option: Option, needs: Needs, today: date) -> MonthlyCost | None:
    if option.target not in targets.registered() or needs.residency.region not in option.regions:
        return None
    definition: dict[str, Any] = {
        "platform": {
            "name": "pilot",
            "owner": "ml-team",
            "size": size(needs),
            "pilot": {
                "expires": (today + timedelta(days=90)).isoformat(),
                "monthlyBudget": needs.budget,
            },
            **option.platform,
        },
        "target": option.target,
        "settings": yaml.safe_load(settings_text(option, needs)) or {},
    }
    plan = plan_of_definition(Path(), "advised", definition)
    try:
        return cost_of(costs.estimate_priced(plan, today))
    except Unpriced:
        return None


def _agrees(said: Mapping[str, Any], written: Mapping[str, Any]) -> bool:
    """Whether everything that an option says stands in the platform's file."""
    return all(
        _agrees(value, written[key]) if isinstance(value, dict) else written[key] == value
        for key, value in said.items()
    )
