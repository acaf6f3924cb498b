"""The page of a comparison in a real browser: it reads well, for everybody, and asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from testkit.support.browsers import Browser, browser
from testkit.support.console_visits import NEEDS_BROWSER

from tests.unit.lifecycle.commands.test_compare import project_in, said, set_up

pytestmark = [pytest.mark.live, NEEDS_BROWSER]

PHONE, SCREEN = 360, 1400
NEEDS = "team: {people: 2, operationsHours: 4}\nbudget: 90\nmustHaves: [notebooks]\n"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of three stacks, two with prices, with a measurement and a note."""
    folder = tmp_path_factory.mktemp("comparison")
    project, file = project_in(folder / "project"), folder / "report.html"
    (project / "needs.yaml").write_text(NEEDS, encoding="utf-8")
    set_up(project, "local", 31)
    set_up(project, "pilot", 95)
    said(project, "note", "pilot", "upgrade of the cluster", "--hours", "2")
    options = ("--rate", "90", "--hours", "pilot=12", "--html", str(file))
    said(project, "compare", "local", "pilot", "cloud", *options)
    return file


@pytest.fixture
def reader(page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        opened.resize(SCREEN)
        opened.go(page.as_uri())
        yield opened
        assert opened.errors() == []


@pytest.mark.parametrize("width", [PHONE, SCREEN])
def test_it_fits_a_phone_and_a_screen(reader: Browser, width: int) -> None:
    reader.resize(width)
    assert reader.evaluate("return document.documentElement.scrollWidth") <= width
    assert "1 min 35 s" in reader.text


def test_needs_contract_and_risks_stand_beside_the_figures(reader: Browser) -> None:
    headings = "return [...document.querySelectorAll('h2')].map(each => each.textContent)"
    assert {"What the team needs", "The contract", "Risks, and what is not known"} <= set(
        reader.evaluate(headings)
    )
    assert "no, and it is a must" in reader.text
    assert "MLFLOW_TRACKING_PASSWORD" in reader.text
    assert "lock-in" in reader.text


def test_a_bar_is_drawn_for_each_stack_with_prices(reader: Browser) -> None:
    widths = "return [...document.querySelectorAll('rect.fixed')].map(bar => bar.getBBox().width)"
    pilot, cloud = reader.evaluate(widths)
    assert cloud > pilot > 0
    spoken = reader.evaluate("return document.querySelector('svg').getAttribute('aria-label')")
    assert "cloud: $" in spoken


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, SCREEN])
def test_nothing_keeps_anybody_from_reading_it(reader: Browser, width: int, dark: bool) -> None:
    if dark:
        reader.prefer_dark()
    reader.resize(width)
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    reader.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = reader.evaluate(f"{axe}; return axe.run().then(found => found.violations)")
    assert [(each["id"], each["help"]) for each in found] == []


def test_the_source_of_an_amount_is_a_click_away(reader: Browser) -> None:
    links = "return [...document.querySelectorAll('details a')].map(link => link.href)"
    assert all(link.startswith("https://") for link in reader.evaluate(links))
    assert len(reader.evaluate(links)) >= 3


def test_it_asks_nobody(reader: Browser) -> None:
    asked = "return performance.getEntriesByType('resource').map(entry => entry.name)"
    assert reader.evaluate(asked) == []
