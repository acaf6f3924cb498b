"""What a person does at the consoles with a browser, whatever the stack runs on."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from testkit.support.browsers import Browser, missing

NEEDS_BROWSER = pytest.mark.skipif(
    bool(missing()),
    reason=f"not on PATH: {', '.join(missing())} (Debian: chromium, chromium-driver)",
)


def see_run_plot_and_model(person: Browser, base: str, tracking: Any, proof: Any) -> None:
    """Log in to MLflow at `base`, and look at the proved run, its plot and its model."""
    result, login = proof["result"], tracking["login"]
    person.answer_prompt(f"{base}/", login["username"], login["password"])
    run = (
        f"{base}/#/experiments/{_experiment_of(tracking, result['run_id'])}/runs/{result['run_id']}"
    )
    person.go(run)
    person.wait_for(proof["token"], "Finished", str(result["metrics"]["accuracy"]))
    person.keep_picture("mlflow-run")
    person.go(f"{run}/artifacts/confusion.png")
    person.wait_for_picture(width=300)
    person.keep_picture("mlflow-plot")
    person.go(f"{base}/#/models/{result['model']}/versions/{result['version']}")
    person.wait_for(result["model"], proof["token"], "pilot")
    assert person.url.startswith(base)


def see_green_run_and_its_log(person: Browser, base: str, orchestration: Any, proof: Any) -> None:
    """Log in to Airflow at `base` on the way to the proved run, and look at it and a task's log."""
    run = f"{base}/dags/pilothouse_workload/runs/{proof['token']}"
    person.go(run)
    person.wait(lambda: "/auth/login/" in person.url)
    person.fill_in(**orchestration["login"])
    person.wait_for("Success", "4 Task Instances", "train")
    assert person.url == run
    person.keep_picture("airflow-run")
    person.go(f"{run}/tasks/train")
    person.wait_for("Success", proof["result"]["run_id"])
    person.keep_picture("airflow-log")


def _experiment_of(tracking: Any, run: str) -> str:
    """The id of the experiment that a run is in."""
    reply = httpx.get(
        f"{tracking['uri']}/api/2.0/mlflow/runs/get",
        params={"run_id": run},
        auth=(tracking["login"]["username"], tracking["login"]["password"]),
        timeout=30,
    )
    return str(reply.raise_for_status().json()["run"]["info"]["experiment_id"])
