"""Runs of the team's workload on MWAA: its DAG runs, and the jobs that its tasks make."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pilothouse.services.airflow.workload import AirflowWorkloadRuns
from pilothouse.targets.aws.clients import api, job_logs
from pilothouse.targets.aws.clients.mwaa_runs import EnvironmentApi

if TYPE_CHECKING:
    from pilothouse.contract import Capability
    from pilothouse.services.workload import StepRun
    from pilothouse.targets.aws.settings.steps import Kind

KINDS: tuple[Kind, ...] = ("Processing", "Training")
TASKS = "/dags/~/dagRuns/~/taskInstances/list"


class MwaaWorkloadRuns(AirflowWorkloadRuns):
    """WorkloadRuns of the DAG that the contract names."""

    def __init__(self, orchestration: Capability[str]) -> None:
        submit = orchestration.submit
        super().__init__(
            submit["workload"], EnvironmentApi(submit["environment"], submit["region"])
        )
        self._dag_id, self._region = submit["workload"], submit["region"]

    def log(self, run: str, step: StepRun) -> list[str]:
        """What the job of the step's last try said."""
        if not step.tries:
            return []
        kind, job = self._find_job(run, step)
        return job_logs.read(self._region, kind, job, is_over=step.is_over) if job else []

    def cancel(self, run: str) -> None:
        """Fail the run, and stop the jobs of its tasks, which Airflow leaves to themselves."""
        steps = self.look(run).steps
        super().cancel(run)
        for step in steps:
            if step.tries and not step.ended:
                self._stop_job(run, step)

    def _stop_job(self, run: str, step: StepRun) -> None:
        kind, job = self._find_job(run, step)
        if not job:
            return
        client = api.client("sagemaker", self._region)
        with api.calling():
            getattr(client, f"stop_{kind.lower()}_job")(**{f"{kind}JobName": job})

    def _find_job(self, run: str, step: StepRun) -> tuple[Kind, str]:
        """The kind and the name of the job of the step's last try; no name where it has none."""
        tail = f"{digest(run, step.name)}-{step.tries}"
        client = api.client("sagemaker", self._region)
        for kind in KINDS:
            with api.calling():
                jobs = getattr(client, f"list_{kind.lower()}_jobs")(NameContains=tail)
            for job in jobs[f"{kind}JobSummaries"]:
                return kind, str(job[f"{kind}JobName"])
        return KINDS[0], ""

    def _tasks(self, run: str) -> list[Mapping[str, Any]]:
        """By a search: the path of a run's own list is longer than AWS lets a path be."""
        asked = {"dag_ids": [self._dag_id], "dag_run_ids": [run]}
        found: list[Mapping[str, Any]] = self._call("POST", TASKS, asked)["task_instances"]
        return found


def digest(run: str, step: str) -> str:
    """What tells a run and a step in the names of jobs, as the DAG writes it."""
    return hashlib.sha256(f"{run}/{step}".encode()).hexdigest()[:16]
