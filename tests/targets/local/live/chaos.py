"""Kills a part of pilothouse at random moments of `up` and `down`, and runs the command again.

`python -m tests.targets.local.live.chaos 10` does ten rounds: in each, a SIGKILL in `up`, then
`up` again to the end, then a SIGKILL in `down`, then `down` again to the end. Every second run
must converge, and after it nothing may be left. Prints the seed, so that a round can be repeated.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass

import psutil
from testkit.support.stacks import Stack, local_stack

Victims = Mapping[str, Callable[[psutil.Process], bool]]

VICTIMS: Victims = {
    "engine": lambda process: process.name() == "pulumi",
    "language host": lambda process: process.name() == "pulumi-language-python",
    "program": lambda process: "pulumi-language-python-exec" in " ".join(process.cmdline()),
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A stack that is not up yet, and what is particular to its target.

    up_seconds, down_seconds: about what the commands take on two cores.
    victims: the parts that may be killed besides the command itself.
    traces: what is left of the stack, looked for without the code under test.
    """

    stack: Stack
    up_seconds: float
    down_seconds: float
    victims: Victims
    traces: Callable[[], list[str]]


@contextmanager
def local_scene() -> Iterator[Scene]:
    """A stack on this machine."""
    providers = {"dynamic provider": lambda process: "pulumi.dynamic" in process.cmdline()}
    with local_stack() as stack:
        yield Scene(
            stack=stack,
            up_seconds=28.0,
            down_seconds=12.0,
            victims={**VICTIMS, **providers},
            traces=stack.traces,
        )


@dataclass(frozen=True)
class Kill:
    """A kill, drawn before the command starts, so that it does not depend on how fast that is.

    delay: seconds after the command's start.
    order: all parts of a command; the first that runs at that moment is killed.
    """

    delay: float
    order: Sequence[str]


def draw_kill(parts: Iterable[str], seconds: float, chance: random.Random) -> Kill:
    """A kill within these seconds; the program comes first every other time, since it ends soon."""
    order = sorted({"command", *parts})
    chance.shuffle(order)
    if chance.random() < 1 / 2:
        order.sort(key=lambda part: part != "program")
    return Kill(chance.uniform(0.2, seconds), order)


def kill_part(scene: Scene, command: list[str], kill: Kill) -> str:
    """Start a command and kill one part of it; say what was killed when."""
    process = scene.stack.start(*command)
    with suppress(subprocess.TimeoutExpired):
        output, _ = process.communicate(timeout=kill.delay)
        assert process.returncode == 0, output
        return "nothing: it was done before"
    there = _there(psutil.Process(process.pid), scene.victims)
    victim = next(part for part in kill.order if part in there)
    with suppress(psutil.NoSuchProcess):
        there[victim].kill()
    process.communicate(timeout=120)
    return f"{victim} after {kill.delay:.1f} s"


def _there(command: psutil.Process, victims: Victims) -> dict[str, psutil.Process]:
    """The parts that may be killed and run now: of each the first process, and the command."""
    found = {"command": command}
    for child in _below(command):
        for name in (name for name, is_it in victims.items() if _is(is_it, child)):
            found.setdefault(name, child)
    return found


def _below(command: psutil.Process) -> list[psutil.Process]:
    try:
        return command.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _is(wanted: Callable[[psutil.Process], bool], process: psutil.Process) -> bool:
    try:
        return wanted(process)
    except psutil.Error:
        return False


def round_of_kills(scene: Scene, chance: random.Random) -> None:
    """A kill in `up`, one in `down`; AssertionError unless each command converges after it."""
    stack = scene.stack
    in_up = draw_kill(scene.victims, scene.up_seconds, chance)
    in_down = draw_kill(scene.victims, scene.down_seconds, chance)
    print("  up:   killed", kill_part(scene, ["up"], in_up), flush=True)  # noqa: T201
    stack.run("up")
    stack.run("status")
    stack.run("preview", "--expect-no-changes")
    down = ["down", "--yes"]
    print("  down: killed", kill_part(scene, down, in_down), flush=True)  # noqa: T201
    stack.run(*down)
    time.sleep(1.0)
    assert not scene.traces(), scene.traces()


def main(description: str | None, scene: Callable[[], AbstractContextManager[Scene]]) -> int:
    """Do the rounds and print the score; 1 unless all converge."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("rounds", type=int, nargs="?", default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")  # noqa: T201
    converged = sum(_round(scene, options.seed, number) for number in range(options.rounds))
    print(f"{2 * converged} of {2 * options.rounds} kills converged")  # noqa: T201
    return int(converged != options.rounds)


def _round(scene: Callable[[], AbstractContextManager[Scene]], seed: int, number: int) -> bool:
    print(f"round {number + 1}", flush=True)  # noqa: T201
    with scene() as made:
        try:
            round_of_kills(made, random.Random(f"{seed}-{number}"))  # noqa: S311 - no secret
        except AssertionError as error:
            print(f"  NOT CONVERGED: {error}", flush=True)  # noqa: T201
            return False
    return True


if __name__ == "__main__":
    sys.exit(main(__doc__, local_scene))
