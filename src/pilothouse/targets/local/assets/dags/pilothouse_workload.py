"""The portable workload as four tasks, each in the workload's own environment.

`PILOTHOUSE_WORKLOAD_COMMAND` of Airflow's environment is the command that gives a task the
contract's variables: no secret is in this file, in a rendered template or in an argument list.
The run token is checked by its pattern and reaches the task as an environment variable only.
"""

import os
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

COMMAND = os.environ.get("PILOTHOUSE_WORKLOAD_COMMAND", "pilothouse-workload")
STEPS = ("prepare", "train", "register", "predict")

# Ends in a way that, unlike $, refuses a newline after the token too.
PATTERN = r"^[a-z0-9][a-z0-9-]{6,62}(?![\s\S])"

# With SHLVL unset and a socket as its input, bash takes itself for a remote login and reads the
# user's ~/.bashrc.
ENVIRONMENT = {"RUN_TOKEN": "{{ params.run_token }}", "SHLVL": "1"}

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
        "retries": 2,
        "retry_delay": timedelta(seconds=3),
        "execution_timeout": timedelta(minutes=10),
    },
    tags=["pilothouse"],
):
    before = None
    for step in STEPS:
        task = BashOperator(
            task_id=step,
            bash_command=f"exec {COMMAND} {step}",
            env=ENVIRONMENT,
            append_env=False,
            do_xcom_push=False,
        )
        if before is not None:
            before >> task
        before = task
