"""The portable workload as four tasks, each a SageMaker job in the workload's own image.

The jobs are described by a file beside this one, which is a template of Airflow's: the run's
token, checked by its pattern, becomes an environment variable of the container.
"""

import json
from datetime import timedelta
from pathlib import Path

from airflow.providers.amazon.aws.operators.sagemaker import (
    SageMakerProcessingOperator,
    SageMakerTrainingOperator,
)

try:
    from airflow.sdk import DAG, Param
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.models.param import Param

JOBS = json.loads(Path(__file__).with_suffix(".json").read_text())
OPERATORS = {"Processing": SageMakerProcessingOperator, "Training": SageMakerTrainingOperator}

# Ends in a way that, unlike $, refuses a newline after the token too.
PATTERN = r"^[a-z0-9][a-z0-9-]{6,62}(?![\s\S])"

# The alias belongs to the latest run, so runs wait for each other.
with DAG(
    "pilothouse_workload",
    description="Proves the platform: store, train, track, register, predict",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    params={"run_token": Param(type="string", pattern=PATTERN)},
    default_args={
        "retries": 1,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=40),
    },
    tags=["pilothouse"],
):
    before = None
    for job in JOBS:
        # The log of a job is in CloudWatch; copying it here would take more rights.
        task = OPERATORS[job["kind"]](
            task_id=job["step"],
            config=job["config"],
            aws_conn_id=None,
            check_interval=15,
            print_log=False,
            do_xcom_push=False,
        )
        if before is not None:
            before >> task
        before = task
