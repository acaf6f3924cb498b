"""`python -m bench.aws`: figures of the default stack on AWS, into BENCHMARKS.md.

One life of it before a provider and services in memory, which are tests' doubles. It is no timed
test: a goal that is not reached is shown and fails nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.targets.aws.stage import AccountStack, stage

import pilothouse.targets.aws
from bench import many_platforms, preview, sdk
from bench.figures import Figure, Goal, Part
from bench.machine import Machine
from bench.processes import exit_on_signals, extend_path, keep_bytecode, log
from bench.record import record

RUNS = 5
HEAD = """\
# Benchmarks on AWS

Written by `make bench-aws`, from one run on this machine. The account and the provider are tests'
doubles, in memory: the figures are those of the engine, of the program and of the doubles, and
tell nothing of how long AWS takes. It is no timed test: figures are shown with their goals and
fail nothing.
"""
LIFE = """\
`pilothouse up` and `pilothouse down --yes` of the smallest platform, each with its interpreter,
its preflight or its proof. Resources are those of the state, components among them."""
PREVIEW = f"""\
`pulumi preview --expect-no-changes` of the stack and of a program that imports the same packages
of the SDK, looks for garbage as little, and makes nothing, in turn. Our own code: the processor's
time of `infra/__main__.py` from its first import to its last resource under an engine that answers
at once, less that program there. Of it, what comes after the program's last line is the SDK's:
it registers the resources. Medians of {RUNS}."""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.aws")
    parser.add_argument("--no-write", dest="write", action="store_false", help="only print")
    options = parser.parse_args()
    exit_on_signals()
    extend_path()
    keep_bytecode()
    machine = Machine.current()
    log(f"load average {machine.load:.2f} {machine.warning}".strip())
    with tempfile.TemporaryDirectory() as control, stage(Path(control)) as made:
        parts = list(_parts(made.stack))
    text = "\n\n".join([HEAD + f"\n{machine}", *map(str, parts)]) + "\n"
    sys.stdout.write(text)
    if options.write:
        record(text)


def _parts(stack: AccountStack) -> Iterator[Part]:
    up = _seconds(stack, "up")
    count = len(stack.resources())
    previewed = _preview(stack)
    many = many_platforms.measure(stack, count, empty_program())
    down = _seconds(stack, "down", "--yes")
    yield Part("Life of the default stack on AWS", LIFE, _life(up, down, count))
    yield previewed
    yield many


def _seconds(stack: AccountStack, *command: str) -> float:
    log(f"pilothouse: {' '.join(command)}")
    began = time.monotonic()
    stack.run(*command)
    return time.monotonic() - began


def _life(up: float, down: float, count: int) -> list[Figure]:
    return [
        Figure("resources", count),
        Figure("`up`", up, "s"),
        Figure("`up`, for each resource", up / count * 1000, "ms"),
        Figure("`down --yes`, with its proof", down, "s"),
        Figure("`down --yes`, for each resource", down / count * 1000, "ms"),
    ]


def _preview(stack: AccountStack) -> Part:
    floor = stack.project / "floor.py"
    floor.write_text(empty_program())
    own, body = (
        preview.own_program(stack, str(floor), of=of, runs=RUNS) for of in ("cpu", "program")
    )
    figures = [
        *preview.against_empty(stack, empty_program(), Goal(1.25), runs=RUNS),
        Figure("our own code", own, "s", Goal(0.3)),
        Figure("of it before the program's last line", body, "s"),
    ]
    return Part("Unchanged preview on AWS", PREVIEW, figures)


def empty_program() -> str:
    """The target's own imports of its SDK; like our program, without looking for garbage."""
    return "import gc\ngc.disable()\n" + sdk.imports(pilothouse.targets.aws, "pulumi_aws")


if __name__ == "__main__":
    main()
