"""The comparison as one page of HTML that needs no network, nor a script: it can be sent around.

The same records, prices and settings give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from html import escape
from importlib import resources
from urllib.parse import urlsplit

from pilothouse.cost.estimate import Estimate, Line
from pilothouse.lifecycle.records import comparison
from pilothouse.lifecycle.records.comparison import BreakEven, Candidate
from pilothouse.lifecycle.records.qualities import Row, contract, needs

WIDTH, NAME, BAR = 900, 150, 26
"""The chart's width, the width of its names and the height of a bar, in its own units."""

_COMMIT = re.compile(r"(?P<repository>github\.com/[\w.-]+/[\w.-]+)@(?P<commit>[0-9a-f]+)")
LABELS = {
    "measured": "a command measured it, or a person noted it",
    "listed": "it follows from list prices and the stack's files",
    "assumed": "it rests on assumed usage, or on hours that were said or noted",
}


def render(candidates: Sequence[Candidate], rate: Decimal, evens: Sequence[BreakEven]) -> str:
    """The page of a comparison at a rate in US dollars an hour."""
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    title = f"Pilots compared: {', '.join(each.stack for each in candidates)}"
    body = [
        f"<h1>{escape(title)}</h1>",
        *_side_by_side("What the team needs", "Each need and what it says.", candidates, needs),
        *_figures(candidates, rate),
        *_chart(candidates),
        *_break_evens(evens, rate),
        *_side_by_side("The contract", "What the last up promised.", candidates, contract),
        *_risks(candidates),
        *_remarks(candidates),
        *_sources(candidates),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            "<main>",
            *body,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _figures(candidates: Sequence[Candidate], rate: Decimal) -> Iterator[str]:
    found = [comparison.rows(each, rate) for each in candidates]
    yield "<h2>What was measured, and what it costs</h2>"
    heads = ["figure", "label", *(f"{each.stack} ({each.target})" for each in candidates)]
    rows = [
        [name, label, *(each.get((name, label), "-") for each in found)]
        for name, label in dict.fromkeys(key for each in found for key in each)
    ]
    yield from _table("Times are medians; amounts are in US dollars.", heads, rows)
    meanings = "; ".join(f"<b>{word}</b>: {meaning}" for word, meaning in LABELS.items())
    yield f'<p class="label">{meanings}.</p>'


def _side_by_side(
    title: str,
    caption: str,
    candidates: Sequence[Candidate],
    rows: Callable[[Sequence[Candidate]], Iterator[Row]],
) -> Iterator[str]:
    """A table with a column for each stack; nothing where it would be empty."""
    if not (found := list(rows(candidates))):
        return
    yield f"<h2>{escape(title)}</h2>"
    heads = ["", *(f"{each.stack} ({each.target})" for each in candidates)]
    cells = [[name, *(texts[each.stack] for each in candidates)] for name, texts in found]
    yield from _table(caption, heads, cells)


def _risks(candidates: Sequence[Candidate]) -> Iterator[str]:
    yield "<h2>Risks, and what is not known</h2>"
    rows = [(each.stack, text) for each in candidates for text in each.risks]
    yield from _table("By stack.", ["stack", "in words"], rows)


def _chart(candidates: Sequence[Candidate]) -> Iterator[str]:
    """A bar for each stack with prices: its fixed part, its usage, and the range of both."""
    priced = [(each.stack, each.estimate) for each in candidates if _has_prices(each)]
    most = max((float(made.monthly.high) for _, made in priced if made), default=0)
    yield "<h2>A month</h2>"
    if not most:
        yield "<p>No stack has prices: its files name none.</p>"
        return
    scale = (WIDTH - NAME - 120) / most
    height = (len(priced) * 2 + 1) * BAR
    spoken = "; ".join(
        f"{stack}: ${made.monthly.expected:,.0f} expected, ${made.fixed:,.0f} of it fixed"
        for stack, made in priced
        if made
    )
    yield f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(spoken)}">'
    for index, (stack, made) in enumerate(priced):
        if made:
            yield from _bar(stack, made, scale, BAR // 2 + index * 2 * BAR)
    yield "</svg>"
    yield (
        '<p class="label">The bar is the expected month: first what bills while nothing runs, then '
        "what is billed by use. The line is its range.</p>"
    )


def _bar(stack: str, made: Estimate, scale: float, top: int) -> Iterator[str]:
    fixed, expected = float(made.fixed) * scale, float(made.monthly.expected) * scale
    low, high = float(made.monthly.low) * scale, float(made.monthly.high) * scale
    middle = top + BAR / 2
    yield f'<text x="0" y="{middle + 5}">{escape(stack)}</text>'
    yield f'<rect class="fixed" x="{NAME}" y="{top}" width="{fixed:.1f}" height="{BAR}"/>'
    yield (
        f'<rect class="usage" x="{NAME + fixed:.1f}" y="{top}" '
        f'width="{max(expected - fixed, 0):.1f}" height="{BAR}"/>'
    )
    yield (
        f'<line class="range" x1="{NAME + low:.1f}" x2="{NAME + high:.1f}" '
        f'y1="{middle}" y2="{middle}"/>'
    )
    least = "" if made.is_complete else "at least "
    text = f"{least}${made.monthly.expected:,.0f}"
    yield f'<text x="{NAME + max(high, expected) + 8:.1f}" y="{middle + 5}">{text}</text>'


def _break_evens(evens: Sequence[BreakEven], rate: Decimal) -> Iterator[str]:
    yield "<h2>What would change the order</h2>"
    if not evens:
        yield "<p>No break-even: it needs a rate of people and two stacks with all prices.</p>"
        return
    yield "<ul>"
    for even in evens:
        yield (
            f"<li>{escape(even.cheaper)} is cheaper than {escape(even.dearer)} while it takes less "
            f"than {even.hours:,.1f} hours a month more, at ${rate:,.0f} an hour.</li>"
        )
    yield "</ul>"


def _remarks(candidates: Sequence[Candidate]) -> Iterator[str]:
    yield "<h2>Failures, notes, and what has no price</h2>"
    rows = [
        (each.stack, kind, text)
        for each in candidates
        for kind, texts in (
            ("failed", each.summary.failures),
            ("noted", each.summary.notes),
            ("no price", _unpriced(each)),
        )
        for text in texts
    ]
    if rows:
        yield from _table("In the order of time.", ["stack", "what", "in words"], rows)
    else:
        yield "<p>There are none.</p>"


def _unpriced(candidate: Candidate) -> list[str]:
    found = candidate.estimate.unpriced if candidate.estimate else ()
    return [f"{each.resource}: {each.reason}" for each in found]


def _sources(candidates: Sequence[Candidate]) -> Iterator[str]:
    yield "<h2>Where the amounts are from</h2>"
    for each in candidates:
        if each.estimate and each.estimate.lines:
            yield "<details>"
            yield f"<summary>{escape(each.stack)}: {len(each.estimate.lines)} lines</summary>"
            heads = ["billed for", "a month", "US$", "confidence", "source"]
            rows = [_source(line) for line in each.estimate.lines]
            book = f"{each.stack}, by list prices of {each.estimate.book}, without taxes."
            yield from _table(book, heads, rows, links=True)
            yield "</details>"


def _source(line: Line) -> list[str]:
    what = f"{line.charge.what} {line.resource}".strip()
    quantity = f"{line.quantity.expected:,.2f} {line.charge.unit}"
    usd = f"{line.usd.expected:,.2f}"
    return [what, quantity, usd, line.price.confidence, line.price.source]


def _table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, links: bool = False
) -> Iterator[str]:
    """A table that can be scrolled by keyboard; with `links` the last cell may be an address."""
    name = escape(caption)
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{name}">'
    yield f"<table><caption>{name}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield "</tr></thead><tbody>"
    for first, *rest in rows:
        cells = [escape(cell) for cell in rest]
        if links:
            cells[-1] = _linked(rest[-1])
        yield f'<tr><th scope="row">{escape(first)}</th>'
        yield f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</tbody></table></div>"


def _linked(source: str) -> str:
    """A source; one that begins with an address, or with a commit on GitHub, leads there."""
    address = source.split(maxsplit=1)[0] if source else ""
    if found := _COMMIT.fullmatch(address):
        address = f"https://{found['repository']}/tree/{found['commit']}"
    if urlsplit(address).scheme != "https":
        return escape(source)
    return f'<a href="{escape(address)}">{escape(source)}</a>'


def _has_prices(candidate: Candidate) -> bool:
    return bool(candidate.estimate and candidate.estimate.lines)
