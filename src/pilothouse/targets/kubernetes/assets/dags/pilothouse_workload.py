"""The portable workload as four tasks, each a pod of the workload's own image.

The pod is described by a file beside this one, so that no secret is in this file, in a rendered
template or in an argument list. The run token is checked by its pattern.
"""

from datetime import timedelta
from pathlib import Path

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG, Param

POD = Path("/config/workload.yaml")
STEPS = ("prepare", "train", "register", "predict")

# Ends in a way that, unlike $, refuses a newline after the token too.
PATTERN = r"^[a-z0-9][a-z0-9-]{6,62}(?![\s\S])"

# What the program reads that takes the package from the store; its run is the token's.
RUN = '{"id": "{{ params.run_token }}"}'

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
        task = KubernetesPodOperator(
            task_id=step,
            name=f"workload-{step}",
            pod_template_file=str(POD),
            arguments=[step],
            env_vars={"RUN_TOKEN": "{{ params.run_token }}", "RUN": RUN},
            in_cluster=True,
            get_logs=True,
            startup_timeout_seconds=300,
            on_finish_action="delete_pod",
            do_xcom_push=False,
        )
        if before is not None:
            before >> task
        before = task
