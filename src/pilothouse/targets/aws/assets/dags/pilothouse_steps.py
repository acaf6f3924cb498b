"""The steps of the team's package, each a SageMaker job that unpacks the package from the bucket.

The jobs are described by a file beside this one, which is a template of Airflow's: what a run was
started with becomes environment variables of the container, and is checked there.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowSkipException
from airflow.providers.amazon.aws.operators.sagemaker import (
    SageMakerProcessingOperator,
    SageMakerTrainingOperator,
)
from airflow.sdk import DAG, Param

DEFINITION = json.loads(Path(__file__).with_suffix(".json").read_text())
OPERATORS = {"Processing": SageMakerProcessingOperator, "Training": SageMakerTrainingOperator}
START = timedelta(minutes=30)  # for a job's machine, its image and its package


def skip_if_not_asked_for(context: Mapping[str, Any]) -> None:
    """Skip a step that the run leaves out, before a machine is started for it."""
    own = (context["dag_run"].conf or {}).get("pilothouse") or {}
    wanted, name = own.get("steps"), context["task"].task_id
    if wanted and name not in wanted:
        raise AirflowSkipException(f"the run asked for {', '.join(wanted)} only")


def digest(run_id: str, step: str) -> str:
    """What tells a run and a step in the names of jobs, which take few other characters."""
    return hashlib.sha256(f"{run_id}/{step}".encode()).hexdigest()[:16]


with DAG(
    DEFINITION["dag"],
    description=DEFINITION["description"],
    schedule=DEFINITION["schedule"],
    start_date=datetime(2020, 1, 1, tzinfo=UTC),
    catchup=False,
    is_paused_upon_creation=False,
    params={name: Param(value) for name, value in DEFINITION["parameters"].items()},
    user_defined_filters={"digest": digest},
    tags=["pilothouse"],
):
    tasks = {
        name: OPERATORS[step["kind"]](
            task_id=name,
            config=step["config"],
            aws_conn_id=None,
            check_interval=15,
            # The log of a job is in CloudWatch; copying it here would take more rights.
            print_log=False,
            do_xcom_push=False,
            pre_execute=skip_if_not_asked_for,
            retries=step["retries"],
            retry_delay=timedelta(seconds=30),
            execution_timeout=timedelta(seconds=step["timeout"]) + START,
            # A step that a run did not ask for is skipped, and those after it run.
            trigger_rule="none_failed",
        )
        for name, step in DEFINITION["steps"].items()
    }
    for name, step in DEFINITION["steps"].items():
        for need in step["needs"]:
            tasks[need] >> tasks[name]
