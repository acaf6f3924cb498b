"""The parts that a target may lack, such as what renders it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pilothouse import targets
from pilothouse.errors import Refused

if TYPE_CHECKING:
    from pilothouse.plan import Plan


def load_part(plan: Plan, part: str, *, lacking: str) -> Any:
    """The `part` of the plan's target.

    Refused where it has none: `lacking` says so of the target, as in "runs no images".
    """
    offering = targets.offering(part)
    if plan.target not in offering:
        message = f"stack {plan.stack} is on target {plan.target}, which {lacking}"
        raise Refused(f"{message}: name a stack on {' or '.join(offering)}")
    return targets.load(plan.target, part)
