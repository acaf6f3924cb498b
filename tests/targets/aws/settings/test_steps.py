"""Steps that SageMaker's jobs cannot run are refused where platform.yaml asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.errors import InvalidInput
from pilothouse.targets.aws.settings import instances, steps
from tests.targets.aws.components.test_team_jobs import TEAM, team_plan
from tests.targets.aws.plans import Engine


def refusal(engine: Engine = "managed", changed: Any = None, **settings: Any) -> str:
    """What is wrong with the team's workload with these changes; "" if nothing is."""
    try:
        steps.check(team_plan(engine, {**TEAM, **(changed or {})}, **settings))
    except InvalidInput as error:
        return str(error)
    return ""


def one_step(**step: Any) -> dict[str, Any]:
    return {"steps": [{"name": "train", "command": ["churn"], **step}]}


@pytest.mark.parametrize("engine", ["managed", "airflow"])
def test_a_workload_that_fits_is_accepted(engine: Engine) -> None:
    assert refusal(engine) == ""


@pytest.mark.parametrize(
    ("resources", "most"),
    [
        ({"cpu": 97}, "96 cores, 384Gi and 0 GPUs, as ml.m5.24xlarge has"),
        ({"memory": "385Gi"}, "96 cores, 384Gi and 0 GPUs"),
        ({"gpus": 8, "memory": "800Gi"}, "192 cores, 768Gi and 8 GPUs, as ml.g5.48xlarge has"),
    ],
)
def test_a_step_that_no_machine_fits_is_refused(resources: Any, most: str) -> None:
    found = refusal(changed=one_step(resources=resources))
    assert "workload.steps[0].resources" in found
    assert most in found


def test_a_time_that_a_job_may_not_take_is_refused() -> None:
    assert "set at most 59h" in refusal(changed=one_step(timeout="60h", retries=1))
    assert refusal("airflow", changed=one_step(timeout="60h", retries=1)) == ""


def test_a_parameter_that_no_variable_of_a_job_takes_is_refused() -> None:
    assert "257 characters" in refusal(changed={"parameters": {"query": "a" * 257}})


def test_a_python_that_the_image_lacks_is_refused_unless_an_image_is_named() -> None:
    image = {"image": "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/churn:2"}
    assert "the image of the steps has 3.11" in refusal(changed={"python": "3.12"})
    assert refusal(changed={"python": "3.12"}, workload=image) == ""


def test_what_an_engine_cannot_do_is_refused() -> None:
    old = {"orchestration": {"version": "2.10.3"}}
    assert "a workload with Airflow 2.10.3" in refusal("airflow", **old)


@pytest.mark.parametrize("engine", ["managed", "airflow"])
def test_a_schedule_is_kept(engine: Engine) -> None:
    assert refusal(engine, changed={"schedule": "0 6 * * 1-5"}) == ""


def test_a_schedule_that_eventbridge_cannot_keep_is_refused() -> None:
    both = {"schedule": "0 6 1 * 1"}
    found = refusal(changed=both)
    assert "workload.schedule" in found
    assert "days of the month and days of the week" in found
    assert "write `*` for one of them, or set orchestration.engine: airflow" in found
    assert refusal("airflow", changed=both) == ""


def test_the_machines_are_in_the_order_of_what_they_have() -> None:
    plain = [each for each in instances.MACHINES if not each.gpus]
    assert plain == sorted(plain, key=lambda each: each.cores)
    assert all(instances.gpus(each.type) == each.gpus for each in instances.MACHINES)
