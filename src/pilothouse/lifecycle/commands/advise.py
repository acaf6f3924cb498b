"""`pilothouse advise`: the needs of a team, and the stacks that are worth a pilot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from rich.markup import escape
from rich.table import Table

from pilothouse.advice import catalogue, changes, needs, ranking, template
from pilothouse.advice.catalogue import Catalogue
from pilothouse.advice.ranking import Advice, Judged
from pilothouse.errors import Refused
from pilothouse.lifecycle import candidates
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.new_project import files
from pilothouse.lifecycle.report import Report

MARKS = {"for": "+", "against": "-", "excluded": "x", "neutral": "·"}
GAP = 2  # characters between two columns


def run(file: Path, report: Report, today: date, *, project: Path | None = None) -> None:
    """Show which options suit the needs in a file, why, and what would change that.

    project: a folder of the project in which each of the short list gets a stack's file. Raises
    InvalidInput for a wrong file, Refused where a stack's file exists or nothing is left to write.
    """
    known = catalogue.load()
    wanted = needs.read(file, known)
    with report.working("what each option costs"):
        judged = list(candidates.of(known, wanted, today))
    advice = ranking.advise(wanted, judged, known)
    for table in _tables(advice, report.console.width):
        report.table(table)
    for line in _lines(advice, known):
        report.say(line)
    found = changes.find(wanted, judged, known)
    report.say("\nwhat would change the first place:")
    for change in found:
        report.say(f"  - {change.answer}: {change.first or 'nothing'} would be first")
    if not found:
        report.say("  no other single answer")
    report.document({**document(advice, known), "changes": [vars(each) for each in found]})
    if project:
        _write(project, advice, report)


def write_needs(file: Path, answers: Mapping[str, Any], report: Report) -> None:
    """Write the needs that were answered; raises Refused where the file exists."""
    text = template.render(catalogue.load(), answers)
    files.write(file.parent, {Path(file.name): text})
    report.say(f"wrote {file}")


def document(advice: Advice, known: Catalogue) -> dict[str, Any]:
    """The advice as JSON has it."""
    return {
        "priced_as": candidates.size(advice.needs),
        "weights": advice.weights,
        "short_list": [_option(each) for each in advice.short_list],
        "elsewhere": [_option(each) for each in advice.elsewhere],
        "excluded": [_option(each) for each in advice.excluded],
        "other_systems": dict(ranking.others(known)),
    }


def _option(judged: Judged) -> dict[str, Any]:
    option, cost = judged.candidate.option, judged.candidate.cost
    return {
        "name": judged.name,
        "title": option.title,
        "target": option.target,
        "platform": option.platform,
        "points": judged.points,
        "monthly": None
        if cost is None
        else {
            "fixed": float(cost.fixed),
            "expected": float(cost.expected),
            "is_complete": cost.is_complete,
        },
        "verdicts": [vars(each) for each in judged.verdicts],
    }


def _tables(advice: Advice, width: int) -> Iterator[Table]:
    """Every need by every option, so that points can be counted: as many as fit into `width`."""
    options = [*advice.short_list, *advice.elsewhere, *advice.excluded]
    left = width - max(map(len, advice.weights)) - len("weight") - 2 * GAP
    fitting: list[Judged] = []
    for each in options:
        if fitting and sum(map(_width, [*fitting, each])) > left:
            yield _table(advice.weights, fitting)
            fitting = []
        fitting.append(each)
    yield _table(advice.weights, fitting)


def _width(option: Judged) -> int:
    return max(map(len, _heading(option).split("\n"))) + GAP


def _heading(option: Judged) -> str:
    return option.name.replace("-", "-\n")


def _table(weights: Mapping[str, float], options: Sequence[Judged]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("need", "weight", *map(_heading, options)):
        table.add_column(title, no_wrap=True)
    for need, weight in weights.items():
        verdicts = [each.of(need) for each in options]
        table.add_row(
            escape(need), f"{weight:g}", *(MARKS[v.effect] if v else "" for v in verdicts)
        )
    points = ["out" if each.reasons_out else f"{each.points:+g}" for each in options]
    table.add_row("points", "", *points)
    return table


def _lines(advice: Advice, known: Catalogue) -> Iterator[str]:
    """Each option in sentences."""
    yield f"\nworth a pilot, the best first (costs as size: {candidates.size(advice.needs)}):"
    if not advice.short_list:
        yield "  nothing: see below what is excluded, and which answer would change that"
    for place, each in enumerate(advice.short_list, start=1):
        yield from _sentences(f"{place}. {each.name}", each)
        if platform := each.candidate.option.platform:
            written = yaml.safe_dump(platform, default_flow_style=None).strip()
            yield f"     in platform.yaml: {written}"
    if advice.elsewhere:
        yield "\nsuits as well, but no target of pilothouse sets it up:"
    for each in advice.elsewhere:
        yield from _sentences(f"- {each.name}", each)
    yield "\nexcluded:"
    for each in advice.excluded:
        yield f"  - {each.name}: {'; '.join(each.reasons_out)}"
    for name, reason in ranking.others(known):
        yield f"  - {name}: {reason}"


def _sentences(head: str, judged: Judged) -> Iterator[str]:
    yield f"  {head} ({judged.candidate.option.title}), {judged.points:+g}"
    for verdict in judged.verdicts:
        yield f"     {MARKS[verdict.effect]} {verdict.need}: {verdict.because}"


def _write(folder: Path, advice: Advice, report: Report) -> None:
    """A stack's file for each of the short list, or none."""
    if not advice.short_list:
        raise Refused("nothing was written: no option is left; change the needs first")
    written = {
        files.stack_path(each.name): files.stack_text(
            option.target or "", candidates.settings_text(option, advice.needs)
        )
        for each in advice.short_list
        for option in [each.candidate.option]
    }
    root = Project.find(folder).root
    files.write(root, written)
    named = [str(path) for path in written]
    report.say(f"\nwrote {', '.join(named)}; put your own values into them")
    report.document({"files": named})
