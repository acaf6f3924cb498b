"""The steps of the team's package, each a process in the package's own environment.

The file beside this one has the steps. `PILOTHOUSE_STEP_COMMAND` of Airflow's environment is the
command that gives a step the contract's variables: no secret is in this file, in a rendered
template or in an argument list. What a run was started with reaches it as an environment variable
only, and is checked there.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

COMMAND = os.environ.get("PILOTHOUSE_STEP_COMMAND", "false")
DEFINITION = json.loads(Path(__file__).with_suffix(".json").read_text())

# With SHLVL unset and a socket as its input, bash takes itself for a remote login and reads the
# user's ~/.bashrc.
ENVIRONMENT = {
    "RUN": '{{ {"id": run_id, "conf": dag_run.conf or {}} | tojson }}',
    "SHLVL": "1",
}

with DAG(
    DEFINITION["dag"],
    description=DEFINITION["description"],
    schedule=DEFINITION["schedule"],
    start_date=datetime(2020, 1, 1, tzinfo=UTC),
    catchup=False,
    is_paused_upon_creation=False,
    params={name: Param(value) for name, value in DEFINITION["parameters"].items()},
    tags=["pilothouse"],
):
    tasks = {
        name: BashOperator(
            task_id=name,
            bash_command=f"exec {COMMAND} {name}",
            env=ENVIRONMENT,
            append_env=False,
            do_xcom_push=False,
            retries=step["retries"],
            retry_delay=timedelta(seconds=3),
            execution_timeout=timedelta(seconds=step["timeout"]),
            # A step that a run did not ask for is skipped, and those after it run.
            trigger_rule="none_failed",
        )
        for name, step in DEFINITION["steps"].items()
    }
    for name, step in DEFINITION["steps"].items():
        for need in step["needs"]:
            tasks[need] >> tasks[name]
