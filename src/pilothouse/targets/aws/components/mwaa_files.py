"""The files of MWAA's source bucket: the workload's DAG with its jobs, and the requirements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilothouse.targets.aws.components.sagemaker_jobs import Workload
from pilothouse.targets.aws.components.workload_jobs import STEPS, request
from pilothouse.targets.aws.naming import DAG_ID, SOURCE_FILES, STARTUP_SCRIPT, TEAM_FILES
from pilothouse.targets.aws.settings.team_files import TeamFiles

NO_FILES = TeamFiles()
DAG = Path(__file__).parents[1] / "assets" / "dags" / f"{DAG_ID}.py"

NAME_LIMIT, TOKEN_ROOM = 63, 16  # characters of a job's name, and of the token in it
PREFIX_LIMIT = NAME_LIMIT - TOKEN_ROOM - 2 - max(map(len, STEPS))
"""Characters that the jobs' common prefix may have."""

WHOLE_RUN = "{{ params.run_token }}"
SHORT_RUN = f"{{{{ params.run_token[-{TOKEN_ROOM}:].strip('-') }}}}"

CONSTRAINED = f'--constraint "/usr/local/airflow/{SOURCE_FILES["constraints"]}"\n'
"""The line by which the environment's pip is held to the constraints in the bucket."""

# MWAA wants a constraint for what is installed. This one holds Airflow where it is, and pip needs
# no network for either line, for MWAA's own image has the provider: a private web server and an
# environment without NAT have none.
REQUIRED = f"{CONSTRAINED}apache-airflow-providers-amazon\n"


def files(
    *,
    airflow_version: str,
    job_prefix: str,
    workload: Workload,
    team_files: TeamFiles = NO_FILES,
) -> Mapping[str, str]:
    """Each file's text by its key in the bucket; the plugins, which are no text, are none of them.

    `job_prefix` begins the names of all jobs; ValueError if it is longer than `PREFIX_LIMIT`.
    """
    if len(job_prefix) > PREFIX_LIMIT:
        raise ValueError(f"{job_prefix!r} is longer than {PREFIX_LIMIT} characters")
    jobs = [_job(workload, step, job_prefix) for step in STEPS]
    script = team_files.startup_script
    return {
        SOURCE_FILES["dag"]: DAG.read_text(encoding="utf-8"),
        SOURCE_FILES["jobs"]: json.dumps(jobs, indent=2) + "\n",
        SOURCE_FILES["constraints"]: _constraints(team_files, airflow_version),
        SOURCE_FILES["requirements"]: _requirements(team_files),
        **({TEAM_FILES[STARTUP_SCRIPT]: script} if script else {}),
    }


def _requirements(given: TeamFiles) -> str:
    """The team's, held to its constraints; those without a constraint MWAA holds to Airflow's."""
    if given.requirements is None:
        return REQUIRED
    return (CONSTRAINED if given.constraints else "") + given.requirements.text


def _constraints(given: TeamFiles, airflow_version: str) -> str:
    """The team's, and Airflow where it is, which Airflow's published ones do not say."""
    held = f"apache-airflow=={airflow_version}\n"
    if given.constraints is None:
        return held
    names = {line.name for line in given.constraints.lines}
    text = given.constraints.text
    return text if "apache-airflow" in names else f"{text.rstrip()}\n{held}"


def _job(workload: Workload, step: str, prefix: str) -> dict[str, Any]:
    """The step as the DAG reads it: its kind of job, and the request as Airflow's template."""
    kind = STEPS[step]
    named = {f"{kind}JobName": f"{prefix}-{step}-{SHORT_RUN}"}
    return {"step": step, "kind": kind, "config": {**named, **request(workload, step, WHOLE_RUN)}}
