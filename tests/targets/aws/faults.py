"""Every call that the provider makes for the default stack fails once, in every way.

`python -m tests.targets.aws.faults` learns the calls from a life without faults and without an
engine. Then it lives life after life: in each, every resource has a few calls that fail when it is
made, some when it is changed, when it is read and when it is removed. A command that fails is run
again, and meets the next faults; it must converge, and nothing may be left in the account. Lives
run side by side, one a processor. Prints the seed and the score.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path

from testkit.fake_providers.aws.faults import Fault, Kind, Point
from testkit.fake_providers.aws.replay import Replay
from testkit.fake_providers.aws.settings import Settings
from testkit.support.accounts import REGION

from pilothouse.errors import PilothouseError
from pilothouse.program.load import plan_of_files
from pilothouse.program.platform import Platform
from tests.targets.aws.stage import Stage, stage
from tests.targets.suite.recorder import record

WAYS: tuple[Kind, ...] = ("throttle", "server", "denied", "timeout")
PHASES = ("create", "update", "read", "delete")
ROUNDS = (4, 1, 1)
"""Faults of one resource in a phase of one life. What others kept from coming gets another life."""


Faults = Mapping[str, Sequence[Fault]]
"""By phase."""


class NotConverged(Exception):
    """A command failed without a fault, or left what it should not have."""


@dataclass
class Score:
    """What was planted, what happened, and what went wrong.

    calls: what the provider called for each phase, but for updates: a create that went half way
    is updated too.
    """

    calls: set[Point] = field(default_factory=set)
    happened: Counter[tuple[str, str]] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    missed: list[Fault] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """What happened in other lives too."""
        self.calls |= other.calls
        self.happened.update(other.happened)
        self.complaints += other.complaints
        self.missed += other.missed

    def unknown(self, points: Sequence[Point]) -> set[Point]:
        """The calls that are none of these, whichever of their like."""
        return self.calls - {replace(point, count=1) for point in points}

    def table(self) -> str:
        """Counts by phase and way, and everything that was amiss."""
        lines = [" ".join([f"{'':8}", *(f"{way:>9}" for way in WAYS)])]
        for phase in PHASES:
            counts = (f"{self.happened[phase, way]:9}" for way in WAYS)
            lines.append(" ".join([f"{phase:8}", *counts]))
        lines += [f"never came: {shown(fault)}" for fault in self.missed]
        return "\n".join([*lines, *(f"NOT CONVERGED: {problem}" for problem in self.complaints)])


def shown(fault: Fault) -> str:
    """A fault in a line."""
    at = fault.at
    return f"{fault.kind} at {at.phase} of {at.resource}: {at.service} {at.operation} #{at.count}"


def enumerated(folder: Path) -> list[Point]:
    """The calls of a life without faults, sorted; its graphs are made without an engine."""
    with stage(folder) as made:
        control, replay = made.cloud.control, Replay(Settings(region=REGION))
        control.plant()
        _replay(made, replay)
        made.configure(changed=True)
        _replay(made, replay)
        for resource in replay.made:
            replay.read(resource)
        replay.delete_all()
        return sorted(control.calls(), key=astuple)


def _replay(made: Stage, replay: Replay) -> None:
    """Make what the stack's program asks for, or change it."""
    plan = plan_of_files(made.stack.project, made.stack.name, today=None)
    replay.settings = Settings(region=REGION, default_tags=dict(plan.tags))
    record(lambda: Platform(plan.platform.name, plan), replay, stack_name=plan.stack)


def _steps(made: Stage) -> Iterator[tuple[str, Callable[[], dict[str, int]]]]:
    """What makes, changes, reads and removes."""
    yield "create", made.up
    made.configure(changed=True)
    yield "update", made.up
    yield "read", made.up
    yield "delete", made.down


def live(folder: Path, faults: Faults, calls: set[Point]) -> list[Fault]:
    """A life with these faults; which of them happened. NotConverged unless it ends well.

    Adds to `calls` as `Score` says.
    """
    happened = list[Fault]()
    with stage(folder) as made:
        for phase, command in _steps(made):
            planted = faults.get(phase, ())
            made.cloud.control.plant(*planted)
            changes = _converge(made, command, len(planted))
            calls |= {
                replace(call, count=1)
                for call in made.cloud.control.calls()
                if call.phase == phase != "update"
            }
            happened += [planted[number] for number in made.cloud.control.happened()]
            if phase == "read" and set(changes) - {"same"}:
                raise NotConverged(f"what had converged was changed again: {changes}")
        if left := made.stack.traces():
            raise NotConverged(f"left in the account: {left}")
    return happened


def _converge(made: Stage, command: Callable[[], dict[str, int]], most: int) -> dict[str, int]:
    """Run a command until it succeeds: each failure has to be a planted one."""
    for _ in range(most + 1):
        before = made.cloud.control.happened()
        try:
            return command()
        except PilothouseError as error:
            if made.cloud.control.happened() == before:
                raise NotConverged(f"{command.__name__} failed without a fault: {error}") from error
    raise NotConverged(f"{command.__name__} still fails after {most + 1} runs")


def chosen(wanted: Sequence[Fault], most: int) -> dict[str, list[Fault]]:
    """The faults of a life, by phase: the first `most` of each resource."""
    found: dict[str, list[Fault]] = {phase: [] for phase in PHASES}
    of_resource = Counter[tuple[str, str]]()
    for fault in wanted:
        of_resource[fault.at.phase, fault.at.resource] += 1
        if of_resource[fault.at.phase, fault.at.resource] <= most:
            found[fault.at.phase].append(fault)
    return found


def every(points: Sequence[Point], chance: random.Random) -> list[Fault]:
    """Each call in each way, in any order."""
    found = [Fault(way, point) for point in points for way in WAYS]
    chance.shuffle(found)
    return found


def sample(points: Sequence[Point], chance: random.Random) -> list[Fault]:
    """For each phase, each way at the call of another resource."""
    found = list[Fault]()
    for phase in PHASES:
        resources = sorted({point.resource for point in points if point.phase == phase})
        for way, name in zip(WAYS, chance.sample(resources, len(WAYS)), strict=True):
            calls = [p for p in points if (p.phase, p.resource) == (phase, name)]
            found.append(Fault(way, chance.choice(calls)))
    return found


def work_off(wanted: Sequence[Fault], lives: int | None = None) -> Score:
    """Plant every fault, or as many as `lives` have room for."""
    score, number = Score(), 0
    for most in ROUNDS:
        if number == lives:
            break
        score.missed = []
        while wanted and number != lives:
            number += 1
            planted = chosen(wanted, most)
            tried = [fault for faults in planted.values() for fault in faults]
            happened = _lived(planted, score)
            score.happened.update((fault.at.phase, fault.kind) for fault in happened)
            score.missed += [fault for fault in tried if fault not in happened]
            wanted = [fault for fault in wanted if fault not in tried]
            _tell(f"life {number}: {len(happened)} of {len(tried)}, {len(wanted)} to go")
        wanted = score.missed
    return score


def _lived(planted: Faults, score: Score) -> Sequence[Fault]:
    """The faults that happened in a life; all of them if it did not end well."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return live(Path(folder), planted, score.calls)
        except NotConverged as error:
            tried = [fault for faults in planted.values() for fault in faults]
            score.complaints.append(f"{error} [{'; '.join(map(shown, tried))}]")
            return tried


def side_by_side(wanted: list[Fault], workers: int, lives: int | None) -> Score:
    """`work_off` in as many processes, each with its share of the faults."""
    score, shares = Score(), [wanted[number::workers] for number in range(workers)]
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawned) as pool:
        for item in pool.map(work_off, shares, [lives] * workers):
            score.add(item)
    return score


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main() -> int:
    """Do it, and print the score; 1 unless all converged and every fault happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--lives", type=int, help="each process ends after so many")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        points = enumerated(Path(folder))
    _tell(f"seed {options.seed}: {len(points)} calls, each in {len(WAYS)} ways")
    wanted = every(points, random.Random(options.seed))  # noqa: S311 - no secret
    score = side_by_side(wanted, options.workers, options.lives)
    unknown = score.unknown(points)
    _tell("\n".join([score.table(), *(f"not learned: {call}" for call in unknown)]))
    return int(bool(score.complaints or score.missed or unknown))


if __name__ == "__main__":
    sys.exit(main())
