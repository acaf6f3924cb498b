"""The cost of a resource in graphs of different sizes, without an engine."""

from bench.figures import Figure, Goal, Part
from bench.processes import log, run_json

SIZES = (50, 500, 5000)
NOTE = """\
Wall-clock time of a component with N services of ours under Pulumi's mocks, which answer at once,
divided by N; each size in a process of its own, imports not counted."""


def measure(repeat: int) -> Part:
    """Each size, the best of `repeat` runs: noise only adds to it."""
    costs = {size: min(_milliseconds(size) for _ in range(repeat)) for size in SIZES}
    figures = [
        Figure(f"one of {size:,} resources", cost, "ms", Goal(3)) for size, cost in costs.items()
    ]
    growth = costs[5000] / costs[500]
    linear = Figure("one of 5,000 against one of 500", growth, goal=Goal(1.5))
    return Part("Cost of the graph per resource", NOTE, [*figures, linear])


def _milliseconds(size: int) -> float:
    cost = run_json("bench.many_services", str(size))["wall"] * 1000 / size
    log(f"graph: {cost:.2f} ms for each of {size:,} resources")
    return float(cost)
