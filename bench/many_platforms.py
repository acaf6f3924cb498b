"""The preview of a new stack with the platform in it once, and ten times."""

from __future__ import annotations

from statistics import median

from testkit.support.stacks import Stack

from bench import preview
from bench.figures import Figure, Goal, Part
from bench.preview import Previewed
from bench.processes import log

RUNS = 3
TIMES = 10
NOTE = f"""\
`pulumi preview` of a new stack that has the platform once, and of one that has it {TIMES} times,
the names of its resources numbered; less that of the program without resources, divided by the
number of resources. Medians of {RUNS}."""
PROGRAM = """\
import gc
from pathlib import Path

import pulumi

from pilothouse.program.load import plan_of_files
from pilothouse.program.platform import Platform

gc.disable()
plan = plan_of_files(Path({project!r}), {stack!r}, today=None)
original = pulumi.Resource.__init__


def number_names(number):
    def init(self, kind, name, *arguments, **more):
        original(self, kind, f"{{name}}-{{number}}", *arguments, **more)

    pulumi.Resource.__init__ = init


for number in range({times}):
    number_names(number)
    Platform(plan.platform.name, plan)
"""


def measure(stack: Stack, count: int, imports: str) -> Part:
    """Both sizes, for a stack of `count` resources; `imports` is the program without any."""
    log("preview: the platform once and ten times")
    floor = _seconds(preview.beside(stack, "none", imports))
    one, ten = (_cost(stack, times, count * times, floor) for times in (1, TIMES))
    figures = [
        Figure(f"one of {count} resources", one, "ms"),
        Figure(f"one of {count * TIMES} resources", ten, "ms"),
        Figure("ratio", ten / one, goal=Goal(1.5)),
    ]
    return Part("Preview of ten times as many resources on AWS", NOTE, figures)


def _cost(stack: Stack, times: int, count: int, floor: float) -> float:
    """Milliseconds for a resource."""
    program = PROGRAM.format(project=str(stack.project), stack=stack.name, times=times)
    seconds = _seconds(preview.beside(stack, f"times-{times}", program))
    log(f"  {count} resources: {seconds:.2f} s, without any {floor:.2f} s")
    return (seconds - floor) / count * 1000


def _seconds(previewed: Previewed) -> float:
    return median(previewed.run("preview") for _ in range(RUNS))
