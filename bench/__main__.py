"""`python -m bench`: prints figures of the local platform, and writes BENCHMARKS.md.

It is no timed test: a goal that is not reached is shown and fails nothing. A run of some parts
prints them and writes nothing, since the file holds whole runs only.
"""

import argparse
import sys
from collections.abc import Iterator

from testkit.support.stacks import Stack

from bench import graph, life, platforms, preview, workload_runs
from bench.environments import provide
from bench.figures import Part
from bench.machine import Machine
from bench.processes import exit_on_signals, extend_path, keep_bytecode, log
from bench.record import record

PARTS = ("life", "preview", "workload", "graph")
HEAD = """\
# Benchmarks

Written by `make bench`, from one run on this machine. It is no timed test: figures are shown with
their goals and fail nothing.
"""


def main() -> None:
    """Measure, print, write."""
    options = _options()
    exit_on_signals()
    extend_path()
    keep_bytecode()
    machine = Machine.current()
    log(f"load average {machine.load:.2f} {machine.warning}".strip())
    chosen = set(options.only or PARTS)
    text = "\n\n".join([HEAD + f"\n{machine}", *map(str, _parts(chosen, options.repeat))]) + "\n"
    sys.stdout.write(text)
    if chosen == set(PARTS) and options.write:
        record(text)


def _parts(chosen: set[str], repeat: int) -> Iterator[Part]:
    """The graph first, on a machine at rest; previews while the last stack is up."""
    graphs = [graph.measure(repeat)] if "graph" in chosen else []
    previews: list[Part] = []

    def while_up(stack: Stack) -> None:
        if "preview" in chosen:
            previews.append(preview.measure(stack))

    if "life" in chosen:
        yield life.measure(repeat, while_up)
    elif "preview" in chosen:
        provide()
        platforms.life_of_stack(while_up)
    yield from previews
    if "workload" in chosen:
        provide()
        yield workload_runs.measure()
    yield from graphs


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench")
    parser.add_argument("--repeat", type=int, default=1, help="lives of each platform; medians")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be repeated")
    parser.add_argument("--no-write", dest="write", action="store_false", help="only print")
    return parser.parse_args()


main()
