"""What each need says of an option: for it, against it, or that it is out, in a sentence.

A rule looks at one need. A need that was not stated says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pilothouse.advice.catalogue import Catalogue, Option
from pilothouse.advice.needs import Needs

Effect = Literal["for", "against", "excluded", "neutral"]
STRICTNESS = ("anywhere", "own-account", "own-hardware")
LOCK_IN = ("low", "medium", "high")


@dataclass(frozen=True, kw_only=True)
class MonthlyCost:
    """What an option costs a month, in US dollars; least figures where not all has a price."""

    fixed: Decimal
    expected: Decimal
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An option, and its cost where that is known."""

    name: str
    option: Option
    cost: MonthlyCost | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a need says of an option; `need` is its key in the file, also in `weights`."""

    need: str
    effect: Effect
    because: str


Rule = Callable[[Needs, Candidate, Catalogue], Iterator[Verdict]]


def judge(needs: Needs, candidate: Candidate, catalogue: Catalogue) -> list[Verdict]:
    """Every verdict on a candidate, in the order of the rules."""
    return [verdict for rule in RULES for verdict in rule(needs, candidate, catalogue)]


def _residency(needs: Needs, candidate: Candidate, _: Catalogue) -> Iterator[Verdict]:
    wanted, place = needs.residency.place, candidate.option.place
    if STRICTNESS.index(place) < STRICTNESS.index(wanted):
        because = f"data would be in {place.replace('-', ' ')}, and they must be in {wanted}"
        yield Verdict(need="residency", effect="excluded", because=because)
    elif (region := candidate.option.regions.get(needs.residency.region)) is None:
        because = f"it has no region in {needs.residency.region}"
        yield Verdict(need="residency", effect="excluded", because=because)
    elif wanted != "anywhere":
        because = f"data stay in {place.replace('-', ' ')}, region: {region}"
        yield Verdict(need="residency", effect="for", because=because)


def _must_haves(needs: Needs, candidate: Candidate, catalogue: Catalogue) -> Iterator[Verdict]:
    for capability in needs.must_haves:
        yield _capability(candidate, catalogue, f"mustHaves.{capability}", "excluded", capability)


def _capabilities(needs: Needs, candidate: Candidate, catalogue: Catalogue) -> Iterator[Verdict]:
    for capability in needs.workloads.capabilities:
        need = f"workloads.{capability}"
        yield _capability(candidate, catalogue, need, "against", capability)


def _capability(
    candidate: Candidate, catalogue: Catalogue, need: str, lacking: Effect, capability: str
) -> Verdict:
    if offering := catalogue.offering(candidate.option, capability):
        because = f"{capability}: by {', '.join(offering)}"
        return Verdict(need=need, effect="for", because=because)
    because = f"{capability}: none of {_named(candidate, catalogue)} has that"
    return Verdict(need=need, effect=lacking, because=because)


def _gpus(needs: Needs, candidate: Candidate, _: Catalogue) -> Iterator[Verdict]:
    if needs.workloads.gpus == "none":
        return
    effects: dict[str, tuple[Effect, str]] = {
        "none": ("excluded", "it gives no GPUs to jobs"),
        "by-the-hour": ("for", "jobs get GPUs, which are billed while they run"),
        "owned": ("neutral", "jobs get GPUs if the cluster has nodes with them"),
    }
    if needs.workloads.gpus == "always":
        effects["owned"] = ("for", "a GPU that is always busy costs least on a node of your own")
        effects["by-the-hour"] = ("neutral", "a GPU that is always busy is billed all the time")
    effect, because = effects[candidate.option.gpus]
    yield Verdict(need="gpus", effect=effect, because=because)


def _schedule(needs: Needs, candidate: Candidate, _: Catalogue) -> Iterator[Verdict]:
    if not needs.workloads.scheduled:
        return
    if candidate.option.unattended:
        because = "runs start by themselves, also while no laptop is on"
        yield Verdict(need="scheduled", effect="for", because=because)
    else:
        because = "runs start by themselves only while that machine is on"
        yield Verdict(need="scheduled", effect="against", because=because)


def _people(needs: Needs, candidate: Candidate, _: Catalogue) -> Iterator[Verdict]:
    people, most = needs.team.people, candidate.option.people
    if people > most:
        because = f"it is meant for {most} people, and you are {people}"
        yield Verdict(need="people", effect="against", because=because)


def _skills(needs: Needs, candidate: Candidate, catalogue: Catalogue) -> Iterator[Verdict]:
    wanted = catalogue.skills_of(candidate.option)
    missing = [skill for skill in wanted if skill not in needs.team.skills]
    if missing:
        because = f"to be learned: {', '.join(missing)}"
        yield Verdict(need="skills", effect="against", because=because)
    else:
        because = f"you know what it takes: {', '.join(wanted)}"
        yield Verdict(need="skills", effect="for", because=because)


def _hours(needs: Needs, candidate: Candidate, _: Catalogue) -> Iterator[Verdict]:
    wanted, have = candidate.option.operations_hours, needs.team.operations_hours
    because = f"about {wanted:g} hours of operations a month (assumed), and you have {have:g}"
    effect: Effect = "for" if wanted <= have else "against"
    yield Verdict(need="operationsHours", effect=effect, because=because)


def _existing(needs: Needs, candidate: Candidate, _: Catalogue) -> Iterator[Verdict]:
    option = candidate.option
    if option.cluster:
        effect: Effect = "for" if needs.existing.cluster else "against"
        because = "your cluster is used" if needs.existing.cluster else "it needs a cluster first"
        yield Verdict(need="existing", effect=effect, because=because)
    if option.provider:
        has = option.provider in needs.existing.accounts
        because = (
            f"your {option.provider} account is used"
            if has
            else f"it needs an account with {option.provider} first"
        )
        yield Verdict(need="existing", effect="for" if has else "against", because=because)


def _budget(needs: Needs, candidate: Candidate, _: Catalogue) -> Iterator[Verdict]:
    cost, budget = candidate.cost, Decimal(str(needs.budget))
    if cost is None:
        because = "what it costs is not known here"
        yield Verdict(need="budget", effect="neutral", because=because)
        return
    least = "" if cost.is_complete else "at least "
    if cost.fixed > budget:
        because = f"{least}${cost.fixed:,.2f} a month even if nothing runs, of ${budget:,.2f}"
        yield Verdict(need="budget", effect="excluded", because=because)
        return
    because = f"{least}${cost.expected:,.2f} a month expected, of ${budget:,.2f}"
    if cost.expected > budget:
        yield Verdict(need="budget", effect="against", because=because)
    else:
        effect: Effect = "for" if cost.is_complete else "neutral"
        yield Verdict(need="budget", effect=effect, because=because)


def _lock_in(needs: Needs, candidate: Candidate, catalogue: Catalogue) -> Iterator[Verdict]:
    parts = list(catalogue.parts(candidate.option))
    most = max(parts, key=lambda each: LOCK_IN.index(each.lock_in))
    because = f"what leaves {most.name}: {most.leaves}"
    if LOCK_IN.index(most.lock_in) > LOCK_IN.index(needs.lock_in):
        yield Verdict(need="lockIn", effect="against", because=because)
    elif needs.lock_in != "high":
        yield Verdict(need="lockIn", effect="for", because=because)


def _named(candidate: Candidate, catalogue: Catalogue) -> str:
    return ", ".join(each.name for each in catalogue.parts(candidate.option))


RULES: tuple[Rule, ...] = (
    _residency,
    _must_haves,
    _budget,
    _gpus,
    _schedule,
    _capabilities,
    _people,
    _skills,
    _hours,
    _existing,
    _lock_in,
)
