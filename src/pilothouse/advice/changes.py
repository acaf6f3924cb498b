"""What would change the ranking: each answer is changed alone, and the first option looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, get_args

from pilothouse.advice import ranking
from pilothouse.advice.catalogue import Catalogue
from pilothouse.advice.needs import Gpus, Needs, Place, Tolerance
from pilothouse.advice.rules import Candidate

Alternative = tuple[str, str, Needs]
"""The key of another answer, the answer in words, and the needs that it makes."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """An answer with which another option would be first; "" where none would be left."""

    answer: str
    first: str


def find(needs: Needs, candidates: Sequence[Candidate], catalogue: Catalogue) -> list[Change]:
    """The changes, in the order of the file's keys; of several numbers that do, the nearest."""
    now = _first(needs, candidates, catalogue)
    found: dict[tuple[str, str], Change] = {}
    for key, answer, changed in _alternatives(needs, candidates, catalogue):
        first = _first(changed, candidates, catalogue)
        if first != now:
            found.setdefault((key, first), Change(answer=answer, first=first))
    return list(found.values())


def _first(needs: Needs, candidates: Sequence[Candidate], catalogue: Catalogue) -> str:
    listed = ranking.advise(needs, candidates, catalogue).short_list
    return listed[0].name if listed else ""


def _alternatives(
    needs: Needs, candidates: Sequence[Candidate], catalogue: Catalogue
) -> Iterator[Alternative]:
    yield from _of_team(needs, candidates, catalogue)
    costs = [each.cost for each in candidates if each.cost]
    amounts = [float(ceil(amount)) for cost in costs for amount in (cost.fixed, cost.expected)]
    for amount in _thresholds(needs.budget, amounts):
        changed = needs.model_copy(update={"budget": amount})
        yield "budget", f"with a budget of ${amount:,.0f}", changed
    for capability in needs.must_haves:
        rest = [each for each in needs.must_haves if each != capability]
        changed = needs.model_copy(update={"must_haves": rest})
        yield capability, f"without the must-have {capability}", changed
    yield from _of_work(needs)
    yield from _of_what_exists(needs, catalogue)
    for tolerance in get_args(Tolerance):
        changed = needs.model_copy(update={"lock_in": tolerance})
        yield tolerance, f"with lockIn: {tolerance}", changed


def _of_team(
    needs: Needs, candidates: Sequence[Candidate], catalogue: Catalogue
) -> Iterator[Alternative]:
    team = needs.team
    for skill in sorted(catalogue.skills - set(team.skills)):
        changed = _with(needs, "team", skills=[*team.skills, skill])
        yield skill, f"with the skill {skill}", changed
    wanted = [each.option.operations_hours for each in candidates]
    for hours in _thresholds(team.operations_hours, wanted):
        changed = _with(needs, "team", operations_hours=hours)
        yield "hours", f"with {hours:g} hours of operations a month", changed


def _of_work(needs: Needs) -> Iterator[Alternative]:
    for place in get_args(Place):
        changed = _with(needs, "residency", place=place)
        yield place, f"with residency.place: {place}", changed
    for gpus in get_args(Gpus):
        yield gpus, f"with workloads.gpus: {gpus}", _with(needs, "workloads", gpus=gpus)
    scheduled = not needs.workloads.scheduled
    changed = _with(needs, "workloads", scheduled=scheduled)
    yield "scheduled", f"with workloads.scheduled: {str(scheduled).lower()}", changed


def _of_what_exists(needs: Needs, catalogue: Catalogue) -> Iterator[Alternative]:
    existing = needs.existing
    cluster = not existing.cluster
    changed = _with(needs, "existing", cluster=cluster)
    yield "cluster", f"with existing.cluster: {str(cluster).lower()}", changed
    for provider in sorted(catalogue.providers):
        has = provider in existing.accounts
        rest = [each for each in existing.accounts if each != provider]
        accounts = rest if has else [*existing.accounts, provider]
        answer = f"{'without' if has else 'with'} an account with {provider}"
        yield provider, answer, _with(needs, "existing", accounts=accounts)


def _thresholds(now: float, limits: Sequence[float]) -> list[float]:
    """Values from which a limit is met, or not met any more, the nearest to `now` first."""
    met = {limit for limit in limits if limit > now}
    missed = {limit - 1 for limit in limits if 1 < limit <= now}
    return sorted(met | missed, key=lambda value: (abs(value - now), value))


def _with(needs: Needs, section: str, **values: Any) -> Needs:
    changed = getattr(needs, section).model_copy(update=values)
    return needs.model_copy(update={section: changed})
