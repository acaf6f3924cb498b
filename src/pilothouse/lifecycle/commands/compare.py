"""`pilothouse compare` and `note`: the records of stacks side by side, and what people add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from pilothouse.advice import catalogue, rules
from pilothouse.advice.catalogue import Catalogue
from pilothouse.advice.needs import FILE, Needs
from pilothouse.advice.needs import read as read_needs
from pilothouse.advice.rules import Verdict
from pilothouse.errors import Refused
from pilothouse.files import write_atomically
from pilothouse.lifecycle import candidates as options
from pilothouse.lifecycle import kept_estimates
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.records import comparison, page, qualities, record
from pilothouse.lifecycle.records.comparison import Candidate
from pilothouse.lifecycle.records.summary import summarize
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import open_plan


def run(
    folder: Path,
    stacks: Sequence[str],
    report: Report,
    today: date,
    *,
    rate: Decimal,
    hours: Mapping[str, Decimal],
    html: Path | None = None,
    needs: Path | None = None,
) -> None:
    """Show what was measured on `stacks` and what they cost.

    rate: US dollars an hour of people. hours: those of operations a month, by stack. html: the file
    of a page with all of it. needs: the file of what the team needs; by default the project's own,
    where it has one. Raises Refused where `hours` names another stack or the page cannot be
    written, InvalidInput for wrong files and records.
    """
    project = Project.find(folder)
    if unknown := sorted(hours.keys() - set(stacks)):
        raise Refused(f"--hours names {', '.join(unknown)}, which is not compared")
    known = catalogue.load()
    file = needs or project.root / FILE
    wanted = read_needs(file, known) if needs or file.exists() else None
    candidates = [
        _candidate(project, stack, today, hours.get(stack), known, wanted) for stack in stacks
    ]
    found = {each.stack: comparison.rows(each, rate) for each in candidates}
    table = Table(box=None, pad_edge=False)
    for title in ("", "label", *(f"{each.stack} ({each.target})" for each in candidates)):
        table.add_column(title, overflow="fold")
    for figure in dict.fromkeys(key for rows in found.values() for key in rows):
        name, label = figure
        table.add_row(name, label, *(escape(rows.get(figure, "-")) for rows in found.values()))
    report.console.print(table)
    evens = list(comparison.break_evens(candidates, rate))
    for even in evens:
        report.say(
            f"{even.cheaper} is cheaper than {even.dearer} while it takes less than "
            f"{even.hours:,.1f} hours a month more, at ${rate:,.0f} an hour"
        )
    if html:
        _write(html, page.render(candidates, rate, evens))
        report.say(f"wrote {html}")
    for each in candidates:
        report.warnings(f"{each.stack}: {failure}" for failure in each.summary.failures)
        for note in each.summary.notes:
            report.say(f"{each.stack}: {note}")
    report.document(
        {
            "rate": float(rate),
            "stacks": [comparison.document(each, rate) for each in candidates],
            "break_evens": [{**vars(each), "hours": float(each.hours)} for each in evens],
        }
    )


def _write(file: Path, text: str) -> None:
    try:
        write_atomically(file, text)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}; name another file") from error


def note(folder: Path, stack: str, text: str, hours: float, report: Report) -> None:
    """Add what a person noted to the records of a stack."""
    plan = open_plan(folder, stack, today=None)
    made = record.note(Project.find(folder), plan, text, hours)
    report.say(f"noted for {plan.stack}: {made.text}{f' ({hours:g} h)' if hours else ''}")
    report.document({"note": vars(made)})


def _candidate(
    project: Project,
    stack: str,
    today: date,
    hours: Decimal | None,
    known: Catalogue,
    wanted: Needs | None,
) -> Candidate:
    plan = open_plan(project.root, stack, today=None)
    estimate = kept_estimates.estimate(project.folder, plan, today)
    found = Candidate(
        stack=plan.stack,
        platform=plan.platform.name,
        target=plan.target,
        summary=summarize(record.read(project, plan.stack)),
        estimate=estimate,
        hours=hours,
    )
    named = options.option_of(known, plan)
    option = named[1] if named else None
    verdicts: list[Verdict] = []
    if wanted and named:
        cost = options.cost_of(estimate)
        judged = rules.Candidate(name=named[0], option=named[1], cost=cost)
        verdicts = rules.judge(wanted, judged, known)
    risks = list(qualities.risks(found, known, option))
    return replace(found, verdicts=verdicts, risks=risks)
