"""The graph of every example on every target that can carry it."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse import targets
from tests.targets.conftest import GraphOf
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, plain, revealed
from tests.targets.suite.secrets import MARK

TARGETS = Path(__file__).parents[1]
UPDATE = "UPDATE_GOLDEN"  # set it to write the files anew, then read the difference

every_graph = pytest.mark.parametrize(
    ("example", "target"), platforms.CARRIED, ids=[f"{e.stem}-{t}" for e, t in platforms.CARRIED]
)


def drawn(graph: Recording) -> str:
    """A resource a line: what it is, whose it is, and what it is made after."""
    lines = []
    for resource in graph:
        parent = f" of {graph.resources[resource.parent].label}" if resource.parent else ""
        after = sorted(graph.resources[urn].label for urn in resource.dependencies)
        lines.append(f"{resource.label}{parent}{' after ' if after else ''}{', '.join(after)}")
    return "\n".join([*sorted(lines), ""])


def test_every_target_carries_an_example() -> None:
    assert {target for _, target in platforms.CARRIED} == set(targets.registered()) != set()
    assert len(platforms.EXAMPLES) >= 3


@pytest.mark.parametrize(
    ("example", "target"), platforms.PAIRS, ids=[f"{e.stem}-{t}" for e, t in platforms.PAIRS]
)
def test_the_graph_is_as_drawn(example: Path, target: str, graph_of: GraphOf) -> None:
    """`UPDATE_GOLDEN=1` draws it anew. A platform that a target can't carry has the refusal."""
    text = platforms.refusal(example, target) or drawn(graph_of(example, target))
    golden = TARGETS / target / "golden" / f"{example.stem}.txt"
    if os.environ.get(UPDATE):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_there_is_no_drawing_without_its_example() -> None:
    drawings = {f"{target}/golden/{example.stem}.txt" for example, target in platforms.PAIRS}
    found = TARGETS.glob("*/golden/*")
    assert {str(path.relative_to(TARGETS)) for path in found} == drawings


@every_graph
def test_two_runs_are_equal(example: Path, target: str, graph_of: GraphOf) -> None:
    assert graph_of(example, target) == graph_of(example, target, run=2)


@every_graph
def test_another_folder_makes_the_same_graph(
    example: Path, target: str, graph_of: GraphOf, tmp_path: Path
) -> None:
    project = platforms.project_of(example, tmp_path)
    assert drawn(platforms.recorded(project, target)) == drawn(graph_of(example, target))


@every_graph
def test_a_preview_asks_for_the_same_resources(
    example: Path, target: str, graph_of: GraphOf
) -> None:
    assert drawn(graph_of(example, target, preview=True)) == drawn(graph_of(example, target))


@every_graph
def test_no_secret_is_in_the_clear(example: Path, target: str, graph_of: GraphOf) -> None:
    graph = graph_of(example, target)
    made = bool(graph.kind("Secrets"))
    secret = [r.label for r in graph if MARK in repr(revealed(r.inputs))]
    assert bool(secret) == made
    assert [r.label for r in graph if MARK in repr(plain(r.inputs))] == []
    assert (MARK in repr(revealed(graph.outputs))) == made
    assert MARK not in repr(plain(graph.outputs))


def commands_in(value: Any) -> Iterator[Any]:
    """Everything that a process is started with, wherever it stands in `value`."""
    if isinstance(value, dict):
        yield from (value[key] for key in ("command", "args") if key in value)
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, (dict, list)):
        for item in inner:
            yield from commands_in(item)


@every_graph
def test_no_secret_is_in_a_command_line(example: Path, target: str, graph_of: GraphOf) -> None:
    graph = graph_of(example, target)
    commands = [command for r in graph for command in commands_in(r.inputs)]
    assert bool(commands) == bool(graph.kind("Secrets"))
    assert MARK not in repr(revealed(commands))


@every_graph
def test_names_are_short_and_lower_case(example: Path, target: str, graph_of: GraphOf) -> None:
    names = [r.name for r in graph_of(example, target)]
    assert [name for name in names if name != name.lower() or len(name) > 63] == []


@every_graph
def test_labels_are_unique(example: Path, target: str, graph_of: GraphOf) -> None:
    counted = Counter(resource.label for resource in graph_of(example, target))
    assert [label for label, number in counted.items() if number > 1] == []


@every_graph
def test_everything_is_the_platforms(example: Path, target: str, graph_of: GraphOf) -> None:
    """Only the platform hangs on the stack, so nothing escapes its component."""
    graph = graph_of(example, target)
    roots = [r for r in graph if not r.parent]
    (stack,) = roots
    (platform,) = (r for r in graph if r.parent == stack.urn)
    assert platform.type == "pilothouse:index:Platform"
