"""The team's workload as a DAG of MWAA's: its file, and the jobs that it makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.services import workload as services
from pilothouse.services.workload import CONF_KEY, CURRENT_PACKAGE, OWN_OUTPUTS
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import team_jobs
from pilothouse.targets.aws.components.team_jobs import RunVariables
from pilothouse.targets.aws.naming import STEPS_DAG_FILES
from pilothouse.targets.aws.settings import steps

if TYPE_CHECKING:
    from pilothouse.config.workload import Workload
    from pilothouse.targets.aws.components import sagemaker_jobs
    from pilothouse.targets.aws.settings.target import AwsPlan

DAG = Path(__file__).parents[1] / "assets" / "dags" / "pilothouse_steps.py"


def files(plan: AwsPlan, workload: Workload, where: sagemaker_jobs.Workload) -> Mapping[str, str]:
    """Each file's text by its key in MWAA's bucket."""
    document = services.definition(workload)
    jobs = {name: _job(plan, workload, where, name) for name in workload.order}
    described = {name: {**step, **jobs[name]} for name, step in document["steps"].items()}
    return {
        STEPS_DAG_FILES["steps-dag"]: DAG.read_text(encoding="utf-8"),
        STEPS_DAG_FILES["steps-jobs"]: json.dumps({**document, "steps": described}, indent=2)
        + "\n",
    }


def _job(
    plan: AwsPlan, workload: Workload, where: sagemaker_jobs.Workload, name: str
) -> dict[str, Any]:
    """What the DAG reads of a step besides: its kind of job, and the request as a template."""
    variables = RunVariables(
        run="{{ run_id }}",
        package=_own("package", CURRENT_PACKAGE),
        inputs=_own("inputs", OWN_OUTPUTS),
        parameters={key: _template(f"params['{key}']") for key in workload.parameters},
    )
    step = workload.step(name)
    kind = steps.kind_of(step)
    told = f"{_template('run_id | digest(task.task_id)')}-{_template('ti.try_number')}"
    job = f"{naming.step_job_prefix(plan, name)}-{told}"
    request = team_jobs.request(plan, where, step, variables)
    return {"kind": kind, "config": {f"{kind}JobName": job, **request}}


def _own(key: str, default: str) -> str:
    """A part of what `pilothouse run` says of the run."""
    own = f"((dag_run.conf or {{}}).get('{CONF_KEY}') or {{}})"
    return _template(f"{own}.get('{key}') or '{default}'")


def _template(expression: str) -> str:
    return f"{{{{ {expression} }}}}"
