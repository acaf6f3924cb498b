"""A person at the consoles, with a real browser and through forwarded ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from testkit.support.browsers import Browser, browser, missing
from testkit.support.consoles import forwarded
from testkit.support.stacks import Stack

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        bool(missing()),
        reason=f"not on PATH: {', '.join(missing())} (Debian: chromium, chromium-driver)",
    ),
]


@pytest.fixture(scope="module")
def proof(stack: Stack) -> Any:
    """What `verify` has found: a run in every console."""
    return stack.json("verify")


@pytest.fixture
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def experiment_of(tracking: Any, run: str) -> str:
    """The id of the experiment that a run is in."""
    reply = httpx.get(
        f"{tracking['uri']}/api/2.0/mlflow/runs/get",
        params={"run_id": run},
        auth=(tracking["login"]["username"], tracking["login"]["password"]),
        timeout=30,
    )
    return str(reply.raise_for_status().json()["run"]["info"]["experiment_id"])


def test_mlflow_shows_the_run_its_plot_and_its_model(
    contract: Any, proof: Any, person: Browser
) -> None:
    tracking, result = contract["tracking"], proof["result"]
    experiment = experiment_of(tracking, result["run_id"])
    login = tracking["login"]
    with forwarded(tracking["console"]) as port:
        base = f"http://localhost:{port}"
        person.answer_prompt(f"{base}/", login["username"], login["password"])
        run = f"{base}/#/experiments/{experiment}/runs/{result['run_id']}"
        person.go(run)
        person.wait_for(proof["token"], "Finished", str(result["metrics"]["accuracy"]))
        person.go(f"{run}/artifacts/confusion.png")
        person.wait_for_picture(width=300)
        person.go(f"{base}/#/models/{result['model']}/versions/{result['version']}")
        person.wait_for(result["model"], proof["token"], "pilot")
        assert person.url.startswith(base)


def test_airflow_shows_the_green_run_and_its_log(
    contract: Any, proof: Any, person: Browser
) -> None:
    orchestration = contract["orchestration"]
    with forwarded(orchestration["console"]) as port:
        base = f"http://localhost:{port}"
        run = f"{base}/dags/pilothouse_workload/runs/{proof['token']}"
        person.go(run)
        person.wait(lambda: "/auth/login/" in person.url)
        person.fill_in(**orchestration["login"])
        person.wait_for("Success", "4 Task Instances", "train")
        assert person.url == run
        person.go(f"{run}/tasks/train")
        person.wait_for("Success", "pilothouse-workload train")
