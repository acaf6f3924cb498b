"""A person at the consoles, with a real browser and through forwarded ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from testkit.support.browsers import Browser, browser
from testkit.support.console_visits import (
    NEEDS_BROWSER,
    see_green_run_and_its_log,
    see_run_plot_and_model,
)
from testkit.support.consoles import forwarded
from testkit.support.stacks import Stack

pytestmark = [pytest.mark.live, NEEDS_BROWSER]


@pytest.fixture(scope="module")
def proof(stack: Stack) -> Any:
    """What `verify` has found: a run in every console."""
    return stack.json("verify")


@pytest.fixture
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def test_mlflow_shows_the_run_its_plot_and_its_model(
    contract: Any, proof: Any, person: Browser
) -> None:
    tracking = contract["tracking"]
    with forwarded(tracking["console"]) as port:
        see_run_plot_and_model(person, f"http://localhost:{port}", tracking, proof)


def test_airflow_shows_the_green_run_and_its_log(
    contract: Any, proof: Any, person: Browser
) -> None:
    orchestration = contract["orchestration"]
    with forwarded(orchestration["console"]) as port:
        see_green_run_and_its_log(person, f"http://localhost:{port}", orchestration, proof)
