"""From verdicts to a short list: points that can be counted by hand, and what would change them.

An option's points are the weights of the needs that are for it, less those that are against it. Of
equal points the one of fewer hours of operations is first, then the one whose name is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pilothouse.advice import rules
from pilothouse.advice.catalogue import Catalogue
from pilothouse.advice.needs import Needs
from pilothouse.advice.rules import Candidate, Verdict


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An option with all that the needs say of it."""

    name: str
    candidate: Candidate
    verdicts: Sequence[Verdict]
    points: float

    @property
    def reasons_out(self) -> list[str]:
        """Why it is excluded; nothing where it is not."""
        return [each.because for each in self.verdicts if each.effect == "excluded"]

    def of(self, need: str) -> Verdict | None:
        """What a need says of it."""
        return next((each for each in self.verdicts if each.need == need), None)


@dataclass(frozen=True, kw_only=True)
class Advice:
    """The short list, the best first; what is excluded; and what meets the needs elsewhere.

    elsewhere: options without a target here, also with their points.
    """

    needs: Needs
    short_list: Sequence[Judged]
    excluded: Sequence[Judged]
    elsewhere: Sequence[Judged]
    weights: dict[str, float] = field(default_factory=dict)


def advise(needs: Needs, candidates: Sequence[Candidate], catalogue: Catalogue) -> Advice:
    """Judge every candidate by every need."""
    judged = sorted(
        (_judge(needs, each, catalogue) for each in candidates),
        key=lambda each: (-each.points, each.candidate.option.operations_hours, each.name),
    )
    fit = [each for each in judged if not each.reasons_out]
    names = dict.fromkeys(verdict.need for each in judged for verdict in each.verdicts)
    return Advice(
        needs=needs,
        short_list=[each for each in fit if each.candidate.option.target],
        elsewhere=[each for each in fit if not each.candidate.option.target],
        excluded=[each for each in judged if each.reasons_out],
        weights={name: _weight(needs, name) for name in names},
    )


def others(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """The systems of no option, each with why it is in none."""
    used = {name for option in catalogue.options.values() for name in option.systems}
    for name, system in catalogue.systems.items():
        if name in used:
            continue
        if system.ended:
            successor = f"; choose {system.successor}" if system.successor else ""
            yield system.name, f"was shut down on {system.ended}{successor}"
        else:
            yield system.name, f"no stack has it; it offers {', '.join(system.offers)}"


def _judge(needs: Needs, candidate: Candidate, catalogue: Catalogue) -> Judged:
    verdicts = rules.judge(needs, candidate, catalogue)
    signs = {"for": 1, "against": -1}
    points = sum(signs.get(each.effect, 0) * _weight(needs, each.need) for each in verdicts)
    return Judged(name=candidate.name, candidate=candidate, verdicts=verdicts, points=points)


def _weight(needs: Needs, need: str) -> float:
    return needs.weights.get(need, needs.weights.get(need.partition(".")[0], 1))
