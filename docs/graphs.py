"""Draws what a target's program asks the engine for: its components, and which needs which."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from pilothouse.program.build import record_graph
from pilothouse.program.load import plan_of_files
from pilothouse.targets.dry_run import Recorded, Recording

STACKS = ("local", "kubernetes", "aws")
COLUMNS: Sequence[Sequence[str]] = (
    ("Foundation",),
    ("Storage", "Compute"),
    ("Tracking",),
    ("Orchestration",),
)
"""The components from left to right: each needs some to its left, or above it."""
WIDTH, GAP, LINE, MARGIN = 275, 60, 17, 16
SHOWN = 9  # kinds of resources in a box
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1c2733}.t{font-weight:600}.n{fill:#4a5a6a}"
    "rect{fill:#f3f6f9;stroke:#5b7083;rx:6}path{stroke:#2b6cb0;fill:none;stroke-width:1.5}"
)


def files(root: Path) -> dict[str, str]:
    """The drawing of each stack of the smallest example, by its path."""
    with TemporaryDirectory() as made:
        project = Path(made)
        shutil.copy(root / "examples" / "minimal.yaml", project / "platform.yaml")
        shutil.copytree(root / "examples" / "decision" / "stacks", project / "stacks")
        shutil.copy(root / "stacks" / "Pulumi.local.yaml", project / "stacks")
        return {f"docs/images/graph-{stack}.svg": draw(project, stack) for stack in STACKS}


def draw(project: Path, stack: str) -> str:
    """The graph of a stack of `project` as an SVG document; the same for the same files."""
    graph = record_graph(plan_of_files(project, stack, today=None))
    components = {each.urn: each.type.rpartition(":")[2] for each in graph if _is_drawn(each)}
    owners = {each.urn: _owner(each, graph, components) for each in graph}
    kinds: dict[str, Counter[str]] = {name: Counter() for names in COLUMNS for name in names}
    needs: Counter[tuple[str, str]] = Counter()
    for each in graph:
        owner = owners[each.urn]
        if owner and each.custom:
            kinds[owner][each.type.rpartition(":")[2]] += 1
            others = {owners.get(urn, "") for urn in each.dependencies} - {"", owner}
            needs.update((owner, other) for other in others)
    return "\n".join(_document(kinds, needs)) + "\n"


def _is_drawn(resource: Recorded) -> bool:
    name = resource.type.rpartition(":")[2]
    return not resource.custom and any(name in names for names in COLUMNS)


def _owner(resource: Recorded, graph: Recording, components: Mapping[str, str]) -> str:
    """The component that a resource is in; "" for what is in none."""
    urn = resource.urn
    while urn and urn not in components:
        urn = graph.resources[urn].parent if urn in graph.resources else ""
    return components.get(urn, "")


def _document(
    kinds: Mapping[str, Counter[str]], needs: Mapping[tuple[str, str], int]
) -> Iterator[str]:
    boxes = dict(_boxes(kinds))
    width = MARGIN * 2 + WIDTH * len(COLUMNS) + GAP * (len(COLUMNS) - 1)
    height = max(y + tall for _, y, tall in boxes.values()) + MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        'role="img" aria-label="The components of the stack, and which needs which">'
    )
    yield f"<style>{_STYLE}</style>"
    yield (
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#2b6cb0;stroke:none"/>'
        "</marker></defs>"
    )
    yield f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none;rx:0"/>'
    for (owner, other), count in sorted(needs.items()):
        yield _arrow(boxes[owner], boxes[other], f"{owner} needs {other} in {count} places")
    for name, (x, y, tall) in boxes.items():
        yield f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{tall}"/>'
        for row, (style, text) in enumerate(_lines(name, kinds[name]), start=1):
            place = f'x="{x + 12}" y="{y + 6 + row * LINE}"'
            yield f'<text class="{style}" {place}>{escape(text)}</text>'
    yield "</svg>"


Box = tuple[int, int, int]
"""The left, the top and the height of a box, in pixels."""


def _boxes(kinds: Mapping[str, Counter[str]]) -> Iterator[tuple[str, Box]]:
    for column, names in enumerate(COLUMNS):
        y = MARGIN
        for name in names:
            tall = len(list(_lines(name, kinds[name]))) * LINE + 20
            yield name, (MARGIN + column * (WIDTH + GAP), y, tall)
            y += tall + GAP // 2


def _lines(name: str, kinds: Counter[str]) -> Iterator[tuple[str, str]]:
    yield "t", f"{name}: {kinds.total()}"
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    yield from (("n", f"{count} {kind}") for kind, count in ordered[:SHOWN])
    if rest := sum(count for _, count in ordered[SHOWN:]):
        yield "n", f"{rest} of other kinds"


def _arrow(start: Box, end: Box, text: str) -> str:
    """A curve from the side of a box to that of another, to the left of it or above it."""
    title = f"<title>{escape(text)}</title>"
    if start[0] == end[0]:
        x = start[0] + WIDTH // 2
        line = f"M{x} {start[1]}L{x} {end[1] + end[2]}"
    else:
        left, right = (start[0], start[1] + 24), (end[0] + WIDTH, end[1] + end[2] - 16)
        bend = GAP // 2
        line = f"M{left[0]} {left[1]}C{left[0] - bend} {left[1]} {right[0] + bend} {right[1]} "
        line += f"{right[0]} {right[1]}"
    return f'<path d="{line}" marker-end="url(#a)">{title}</path>'
