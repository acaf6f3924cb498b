"""What a stack costs: as its files say, and as it is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pilothouse import targets
from pilothouse.cost import delta, price_book
from pilothouse.cost.charges import CostModel
from pilothouse.cost.delta import Delta
from pilothouse.cost.estimate import Billed, Estimate, estimate
from pilothouse.cost.price_book import PriceBook
from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.stack import Stack
from pilothouse.plan import Plan
from pilothouse.program.build import record_graph
from pilothouse.program.load import plan_of_definition

if TYPE_CHECKING:
    from pilothouse.targets.dry_run import Recording


@dataclass(frozen=True, kw_only=True)
class Costs:
    """The estimate of what the files say, the one of what is set up, and what differs.

    prior and delta are None where nothing is set up.
    """

    proposed: Estimate
    prior: Estimate | None = None
    delta: Delta | None = None


def estimate_plan(plan: Plan[Any], today: date) -> Estimate | None:
    """What `plan` would cost; None where its target cannot say. No engine and no network are used.

    Raises Unpriced where the price book lacks what the stack's settings name.
    """
    book = price_book.load()
    model = _model(plan, book)
    return estimate(_billed(record_graph(plan)), model, book, today) if model else None


def compare(
    stack: Stack, state: StackState, today: date, planned: Iterable[Billed] | None = None
) -> Costs | None:
    """What a stack would cost as its files say, and how much more than as `state` has it.

    `planned` are its resources where a preview has them; they are recorded otherwise. None where
    its target cannot say what it costs.
    """
    book = price_book.load()
    model = _model(stack.plan, book)
    if model is None:
        return None
    if planned is None:
        planned = _billed(stack.graph)
    proposed = estimate(planned, model, book, today)
    set_up = _plan_of(stack, state)
    earlier = _model(set_up, book) if set_up else None
    if earlier is None:
        return Costs(proposed=proposed)
    prior = estimate(_recorded(state.resources), earlier, book, today)
    return Costs(proposed=proposed, prior=prior, delta=delta.compare(prior, proposed))


def estimate_priced(
    plan: Plan[Any], today: date, graph: Callable[[], Recording] | None = None
) -> Estimate | None:
    """The same, but None without a dry run where nothing of `plan` can have a price.

    graph: records what the plan asks for, where somebody else does that too.
    """
    book = price_book.load()
    model = _model(plan, book)
    if model is None or not model.has_prices:
        return None
    recorded = graph() if graph else record_graph(plan)
    return estimate(_billed(recorded), model, book, today)


def require_budget(plan: Plan[Any], estimated: Estimate) -> None:
    """Raise Refused where the monthly budget does not suffice for what is billed without use."""
    budget = Decimal(str(plan.platform.pilot.monthly_budget))
    if estimated.fixed <= budget:
        return
    least = "" if estimated.is_complete else "at least "
    raise Refused(
        f"a month costs {least}${estimated.fixed:,.2f} even if nothing runs, more than "
        f"pilot.monthlyBudget (${budget:,.2f}), so nothing was changed; choose a smaller size or "
        "other settings (`pilothouse cost` shows each line), or raise pilot.monthlyBudget in "
        "platform.yaml"
    )


def _plan_of(stack: Stack, state: StackState) -> Plan[Any] | None:
    """The plan of which the state is; None where there is none, or of a version of other files."""
    if state.definition is None:
        return None
    try:
        return plan_of_definition(stack.project.root, stack.name, state.definition)
    except PilothouseError:
        return None


def _billed(graph: Recording) -> Sequence[Billed]:
    return [
        Billed(type=resource.type, name=resource.name, inputs=resource.inputs)
        for resource in graph
        if resource.custom
    ]


def _recorded(resources: Iterable[Mapping[str, Any]]) -> Iterator[Billed]:
    for resource in resources:
        if resource.get("custom") and not resource.get("delete"):
            name = str(resource["urn"]).rpartition("::")[2]
            yield Billed(type=resource["type"], name=name, inputs=resource.get("inputs") or {})


def _model(plan: Plan[Any], book: PriceBook) -> CostModel | None:
    if "costs" not in targets.registered()[plan.target].parts():
        return None
    made: CostModel = targets.load(plan.target, "costs")(plan, book)
    return made
