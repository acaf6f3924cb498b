"""The steps of the team's package, each a pod that unpacks the package from the bucket.

The file beside this one has the steps. The pod is described by a file too, so that no secret is in
this file, in a rendered template or in an argument list. What a run was started with reaches the
step as an environment variable only, and is checked there.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG, Param
from kubernetes.client import V1ResourceRequirements

POD = Path("/config/step.yaml")
DEFINITION = json.loads(Path(__file__).with_suffix(".json").read_text())
NOT_ASKED_FOR = 99  # the exit code of `run_step.py` for a step that the run leaves out

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
        name: KubernetesPodOperator(
            task_id=name,
            name=f"step-{name}",
            pod_template_file=str(POD),
            arguments=[name],
            env_vars={"RUN": '{{ {"id": run_id, "conf": dag_run.conf or {}} | tojson }}'},
            container_resources=V1ResourceRequirements(**step["resources"]),
            in_cluster=True,
            get_logs=True,
            startup_timeout_seconds=300,
            on_finish_action="delete_pod",
            skip_on_exit_code=NOT_ASKED_FOR,
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
