"""The files of MWAA's source bucket: the workload's DAG with its jobs, and the requirements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilothouse.targets.aws.components.workload_jobs import STEPS, Workload, request
from pilothouse.targets.aws.naming import DAG_ID, SOURCE_FILES

DAG = Path(__file__).parents[1] / "assets" / "dags" / f"{DAG_ID}.py"

NAME_LIMIT, TOKEN_ROOM = 63, 16  # characters of a job's name, and of the token in it
PREFIX_LIMIT = NAME_LIMIT - TOKEN_ROOM - 2 - max(map(len, STEPS))
"""Characters that the jobs' common prefix may have."""

WHOLE_RUN = "{{ params.run_token }}"
SHORT_RUN = f"{{{{ params.run_token[-{TOKEN_ROOM}:].strip('-') }}}}"

# MWAA wants a constraint for what is installed. This one holds Airflow where it is, and pip needs
# no network for either line, for MWAA's own image has the provider: a private web server and an
# environment without NAT have none. What a team adds needs Airflow's own constraints.
REQUIRED = f"""\
--constraint "/usr/local/airflow/{SOURCE_FILES["constraints"]}"
apache-airflow-providers-amazon
"""


def files(*, airflow_version: str, job_prefix: str, workload: Workload) -> Mapping[str, str]:
    """Each file's text by its key in the bucket.

    `job_prefix` begins the names of all jobs; ValueError if it is longer than `PREFIX_LIMIT`.
    """
    if len(job_prefix) > PREFIX_LIMIT:
        raise ValueError(f"{job_prefix!r} is longer than {PREFIX_LIMIT} characters")
    jobs = [_job(workload, step, job_prefix) for step in STEPS]
    return {
        SOURCE_FILES["dag"]: DAG.read_text(encoding="utf-8"),
        SOURCE_FILES["jobs"]: json.dumps(jobs, indent=2) + "\n",
        SOURCE_FILES["constraints"]: f"apache-airflow=={airflow_version}\n",
        SOURCE_FILES["requirements"]: REQUIRED,
    }


def _job(workload: Workload, step: str, prefix: str) -> dict[str, Any]:
    """The step as the DAG reads it: its kind of job, and the request as Airflow's template."""
    kind = STEPS[step]
    named = {f"{kind}JobName": f"{prefix}-{step}-{SHORT_RUN}"}
    return {"step": step, "kind": kind, "config": {**named, **request(workload, step, WHOLE_RUN)}}
