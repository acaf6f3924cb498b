"""Kills a part of pilothouse at random moments of `up` and `down`, and runs the command again.

`python -m tests.live.chaos 10` does ten rounds: in each, a SIGKILL in `up`, then `up` again to
the end, then a SIGKILL in `down`, then `down` again to the end. Every second run must converge,
and after it nothing may be left. Prints the seed, so that a round can be repeated.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.support.stacks import Stack, local_stack

UP_SECONDS, DOWN_SECONDS = 28.0, 12.0  # about what the commands take on two cores
VICTIMS: dict[str, Callable[[psutil.Process], bool]] = {
    "engine": lambda process: process.name() == "pulumi",
    "language host": lambda process: process.name() == "pulumi-language-python",
    "program": lambda process: "pulumi-language-python-exec" in " ".join(process.cmdline()),
    "dynamic provider": lambda process: "pulumi.dynamic" in process.cmdline(),
}


def kill_within(stack: Stack, command: list[str], seconds: float, chance: random.Random) -> str:
    """Start a command and kill one part of it at a random moment; say what was killed when."""
    delay = chance.uniform(0.2, seconds)
    process = stack.start(*command)
    with suppress(subprocess.TimeoutExpired):
        output, _ = process.communicate(timeout=delay)
        assert process.returncode == 0, output
        return "nothing: it was done before"
    victim = chance.choice(["command", *VICTIMS])
    killed = _kill(psutil.Process(process.pid), victim)
    process.communicate(timeout=120)
    return f"{killed} after {delay:.1f} s"


def _kill(command: psutil.Process, victim: str) -> str:
    children = command.children(recursive=True)
    chosen = [child for child in children if victim in VICTIMS and _is(victim, child)]
    (chosen[0] if chosen else command).kill()
    return victim if chosen or victim == "command" else f"command (no {victim} was there)"


def _is(victim: str, process: psutil.Process) -> bool:
    try:
        return VICTIMS[victim](process)
    except psutil.Error:
        return False


def round_of_kills(stack: Stack, chance: random.Random) -> None:
    """A kill in `up`, one in `down`; AssertionError unless each command converges after it."""
    print("  up:   killed", kill_within(stack, ["up"], UP_SECONDS, chance), flush=True)  # noqa: T201
    stack.run("up")
    stack.run("status")
    stack.run("preview", "--expect-no-changes")
    print("  down: killed", kill_within(stack, ["down", "--yes"], DOWN_SECONDS, chance), flush=True)  # noqa: T201
    stack.run("down", "--yes")
    time.sleep(1.0)
    assert not stack.traces(), stack.traces()


def main() -> int:
    """Do the rounds and print the score; 1 unless all converge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")  # noqa: T201
    converged = sum(_round(options.seed, number) for number in range(options.rounds))
    print(f"{2 * converged} of {2 * options.rounds} kills converged")  # noqa: T201
    return int(converged != options.rounds)


def _round(seed: int, number: int) -> bool:
    print(f"round {number + 1}", flush=True)  # noqa: T201
    with local_stack() as stack:
        try:
            round_of_kills(stack, random.Random(f"{seed}-{number}"))  # noqa: S311 - no secret
        except AssertionError as error:
            print(f"  NOT CONVERGED: {error}", flush=True)  # noqa: T201
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
