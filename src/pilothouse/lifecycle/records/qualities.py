"""What no figure says of a stack: how it meets the needs, what it promises, what may go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pilothouse.advice.catalogue import Catalogue, Option
from pilothouse.advice.rules import Verdict
from pilothouse.contract import CAPABILITIES
from pilothouse.cost.estimate import Estimate
from pilothouse.lifecycle.records.comparison import Candidate
from pilothouse.lifecycle.records.summary import Summary
from pilothouse.lifecycle.report import plural

Row = tuple[str, Mapping[str, str]]
"""What is looked at, and the text of each stack by its name."""

WORDS = {"for": "yes", "against": "no", "excluded": "no, and it is a must", "neutral": "open"}


def needs(candidates: Sequence[Candidate]) -> Iterator[Row]:
    """What each need says of each stack; nothing where no needs are written down."""
    names = dict.fromkeys(verdict.need for each in candidates for verdict in each.verdicts)
    for name in names:
        yield name, {each.stack: _verdict(each.verdicts, name) for each in candidates}


def contract(candidates: Sequence[Candidate]) -> Iterator[Row]:
    """What the last `up` of each stack promised to its users."""
    for capability in CAPABILITIES:
        promised = {each.stack: each.summary.contract.get(capability) for each in candidates}
        if not any(promised.values()):
            continue
        for name, key in (("is at", "uri"), ("console", "console")):
            yield (
                f"{capability}: {name}",
                {
                    stack: "never up" if part is None else str(part.get(key) or "none")
                    for stack, part in promised.items()
                },
            )
        yield (
            f"{capability}: variables of clients",
            {
                stack: "never up"
                if part is None
                else ", ".join(sorted([*part.get("environment", ()), *part.get("secrets", ())]))
                or "none"
                for stack, part in promised.items()
            },
        )


def risks(candidate: Candidate, catalogue: Catalogue, option: Option | None) -> Iterator[str]:
    """What may go wrong with a stack, or is not known of it, each in a sentence."""
    yield from _of_pilot(candidate.summary)
    yield from _of_costs(candidate.estimate)
    for system in catalogue.parts(option) if option else ():
        yield f"Leaving {system.name} (lock-in {system.lock_in}): {system.leaves}."


def _of_pilot(summary: Summary) -> Iterator[str]:
    if summary.set_up is None:
        yield "It was never set up: nothing of it was measured."
        return
    if summary.torn_down is None:
        yield "Its teardown was never measured."
    if summary.runs is None:
        yield "No run was measured on it."
    if summary.failures:
        yield f"Commands that failed: {len(summary.failures)}, the last: {summary.failures[-1]}"


def _of_costs(estimate: Estimate | None) -> Iterator[str]:
    if estimate is None:
        yield "Its files say no prices, so what it costs is not known."
        return
    if estimate.unpriced:
        yield f"Without a price, so not in its costs: {plural(len(estimate.unpriced), 'resource')}."
    if estimate.lines:
        yield f"Its least certain price is {estimate.confidence}."


def _verdict(verdicts: Sequence[Verdict], need: str) -> str:
    found = next((each for each in verdicts if each.need == need), None)
    return f"{WORDS[found.effect]}: {found.because}" if found else "-"
