"""No code asks which target it is on: what differs is in the target's own folder or a feature."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from pilothouse import targets

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "infra").rglob("*.py")])


def comparisons(source: str, names: Collection[str]) -> list[int]:
    """The lines of `source` that compare something with one of `names`."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Compare, ast.MatchValue))
        and any(name in names for name in compared(node))
    ]


def compared(node: ast.Compare | ast.MatchValue) -> Iterator[object]:
    sides = [node.value] if isinstance(node, ast.MatchValue) else [node.left, *node.comparators]
    for side in sides:
        inner = side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else [side]
        yield from (part.value for part in inner if isinstance(part, ast.Constant))


def test_nothing_compares_with_a_targets_name() -> None:
    names = targets.registered()
    assert names
    assert len(PROGRAMS) > 30
    found = {
        str(path.relative_to(ROOT)): lines
        for path in PROGRAMS
        if (lines := comparisons(path.read_text(encoding="utf-8"), names))
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "if plan.target == 'local': pass",
        "if 'local' != plan.target: pass",
        "x = 1 if target in ('aws', 'local') else 2",
        "while target not in {'local'}: pass",
        "match target:\n    case 'local':\n        pass",
        "match target:\n    case 'aws' | 'local':\n        pass",
        "rows = [row for row in rows if row.target is 'local']",
    ],
)
@pytest.mark.filterwarnings("ignore:.*is.* with:SyntaxWarning")
def test_a_planted_comparison_is_found(planted: str) -> None:
    assert comparisons(planted, {"local"})


@pytest.mark.parametrize("harmless", ["x = {'local': 1}", "x == 'remote'", "f('local')"])
def test_a_name_that_is_not_compared_is_let_be(harmless: str) -> None:
    assert comparisons(harmless, {"local"}) == []
