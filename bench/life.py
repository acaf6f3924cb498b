"""Set-up, proof, memory and end of the local platform, against the same services by hand."""

from collections.abc import Sequence
from statistics import median

from testkit.support.stacks import Stack

from bench.environments import provide
from bench.figures import Figure, Goal, Part
from bench.platforms import Seconds, WhileUp, life_of_script, life_of_stack
from bench.processes import log

NOTE = """\
`pilothouse up --verify` of the smallest platform in a project of its own, against a script that
starts the same services in the best parallel order and proves them with the same workload
(`bench/floor`). In turn, with empty data; environments are made before. Ours is the whole command
with its interpreter, its preflight and the evidence that it collects. Memory is PSS of every
process after 10 s of rest. Medians of {repeat}."""


def measure(repeat: int, while_up: WhileUp) -> Part:
    """`repeat` lives of each; `while_up` is called with the last stack."""
    environments = provide()
    hand: list[Seconds] = []
    own: list[Seconds] = []
    for number in range(1, repeat + 1):
        log(f"life {number} of {repeat}")
        hand.append(life_of_script(environments))
        own.append(life_of_stack(while_up if number == repeat else _nothing))
    note = NOTE.format(repeat=f"{repeat} runs" if repeat > 1 else "one run")
    return Part("Life of the local platform", note, _figures(_medians(own), _medians(hand)))


def _figures(own: Seconds, hand: Seconds) -> list[Figure]:
    return [
        *_comparison("ready", "`up` to ready", own["ready"], hand["ready"], "s", Goal(1.15)),
        *_comparison("verified", "to verified", own["verified"], hand["verified"], "s", Goal(1.15)),
        Figure("verified, against what was measured by hand", own["verified"], "s", _BY_HAND),
        Figure("`down --yes`", own["down"], "s"),
        Figure("the script's stop", hand["stop"], "s"),
        *_comparison("memory", "idle memory", own["memory"], hand["memory"], "MiB", Goal(1.05)),
    ]


_BY_HAND = Goal(66, "below")


def _comparison(
    short: str, name: str, own: float, hand: float, unit: str, goal: Goal
) -> list[Figure]:
    return [
        Figure(name, own, unit),
        Figure(f"the script's {short}", hand, unit),
        Figure(f"ratio of {short}", own / hand, goal=goal),
    ]


def _medians(lives: Sequence[Seconds]) -> Seconds:
    return {name: median(life[name] for life in lives) for name in lives[0]}


def _nothing(_stack: Stack) -> None:
    pass
