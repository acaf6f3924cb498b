"""What Airflow's pods run: its processes, its jobs, and the pods that it launches itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.services.airflow.settings import (
    ALIVE,
    API_SERVER,
    COMMANDS,
    DAG_ID,
    DAG_PROCESSOR,
    SCHEDULER,
    SETUP_JOB,
    TRIGGERER,
)
from pilothouse.targets.kubernetes.components import dag_delivery
from pilothouse.targets.kubernetes.objects.checkov_skips import exceptions
from pilothouse.targets.kubernetes.objects.network_policies import (
    DAG_READERS,
    DATABASE_CLEANUP,
    GIT_SYNC,
    OPENINGS,
    POD_CLEANUP,
    PORTS,
    SEAWEEDFS,
    TASK,
    WORKLOAD,
)
from pilothouse.targets.kubernetes.objects.pods import (
    AIRFLOW_USER,
    DRAIN_SECONDS,
    Mount,
    Placement,
    Program,
    http_probes,
    process_probes,
)
from pilothouse.targets.kubernetes.objects.rbac import GRANTS

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage

SETTINGS, SECRETS, TASK_SECRETS, FILES = "airflow", "airflow", "airflow-task", "airflow-files"
DIRECT = "airflow-database"  # its own URLs, where SECRETS has those of its pool
CONFIG, DAGS = "/config", "/dags"
TASK_FILE, WORKLOAD_FILE = "task.yaml", "workload.yaml"
HEALTH_PORT = 8974  # the scheduler's own health server
START_SECONDS = 180


class AirflowPrograms:
    """The programs of a stack's Airflow."""

    def __init__(self, foundation: KubernetesFoundation, storage: KubernetesStorage) -> None:
        self._foundation, self._storage = foundation, storage

    def documents(self, placement: Placement) -> Mapping[str, str]:
        """The files that describe the pods which Airflow launches; JSON is YAML."""
        pods = {TASK_FILE: self._task(), WORKLOAD_FILE: self._workload()}
        return {name: _pod(placement, program) for name, program in pods.items()}

    def process(self, name: str) -> Program:
        """The API server, the scheduler, the DAG processor or the triggerer."""
        served = name == API_SERVER and bool(self._foundation.plan.platform.access.host)
        return self._airflow(
            name,
            ["airflow", *COMMANDS[name], *(["--proxy-headers"] if served else [])],
            # A policy lets in nobody from outside but what serves the console.
            environment={"FORWARDED_ALLOW_IPS": "*"} if served else {},
            secrets=[SECRETS, TASK_SECRETS],
            mounts=self._mounts(name),
            before=self._before(name),
            port=_SERVED.get(name, 0),
            probes=_probes(name),
            drain_seconds=DRAIN_SECONDS if name in PORTS else 0,
        )

    def set_up(self) -> Program:
        """Makes the tables, the roles and the users."""
        return self._airflow(
            SETUP_JOB,
            ["sh", "-c", "exec python /scripts/setup.py /tmp/migrated < /users/users.json"],
            secrets=[SECRETS, TASK_SECRETS, *self._past_the_pool()],
            mounts=[
                Mount(path="/scripts", config_map=SETUP_JOB),
                Mount(path="/users", secret=SETUP_JOB),
            ],
        )

    def _past_the_pool(self) -> Sequence[str]:
        """Migrations hold a lock for longer than a transaction."""
        return [DIRECT] if self._foundation.settings.pg_bouncer else []

    def pod_cleanup(self) -> Program:
        """Removes the pods of tasks that ended and that nobody removed."""
        namespace = f"--namespace={self._foundation.namespace_name}"
        return self._airflow(POD_CLEANUP, ["airflow", "kubernetes", "cleanup-pods", namespace])

    def database_cleanup(self) -> Program:
        """Removes runs that are older than the logs of their tasks."""
        days = self._foundation.plan.platform.orchestration.log_retention_days
        before = f'"$(date --utc --date="-{days} days" +%Y-%m-%dT%H:%M:%SZ)"'
        clean = f"exec airflow db clean --yes --skip-archive --clean-before-timestamp {before}"
        return self._airflow(DATABASE_CLEANUP, ["sh", "-c", clean], secrets=[SECRETS])

    def _mounts(self, component: str) -> Sequence[Mount]:
        if component not in DAG_READERS:
            return _MOUNTS.get(component, ())
        return [*_MOUNTS[DAG_PROCESSOR], *dag_delivery.mounts(self._foundation.settings.dags)]

    def _before(self, component: str) -> Sequence[Program]:
        git = self._foundation.settings.dags.git_sync
        if component not in DAG_READERS or git is None:
            return ()
        image = self._foundation.images[GIT_SYNC]
        return [dag_delivery.sync(git, image, once=component == TASK)]

    def _task(self) -> Program:
        """A task of KubernetesExecutor: it knows neither the database nor Airflow's keys."""
        return self._airflow(
            TASK,
            [],
            container="base",
            environment={"AIRFLOW__CORE__EXECUTOR": "LocalExecutor"},
            secrets=[TASK_SECRETS],
            mounts=self._mounts(TASK),
            before=self._before(TASK),
        )

    def _workload(self) -> Program:
        return Program(
            component=WORKLOAD,
            container="base",
            image=self._foundation.images[WORKLOAD],
            command=["pilothouse-workload"],
            resources=self._foundation.resources(WORKLOAD),
            environment={"HOME": "/tmp"},  # noqa: S108 - a volume of the pod's own
            secrets=[WORKLOAD],
            references=self._storage.references("data"),
            gpus=self._foundation.plan.platform.compute.gpus,
        )

    def _airflow(self, component: str, command: Sequence[str], **more: Any) -> Program:
        known = component if component in COMMANDS or component == TASK else "job"
        references = self._storage.references("logs") if SEAWEEDFS in OPENINGS[component] else {}
        if SECRETS in more.get("secrets", ()):
            database = self._foundation.database
            environment = {**database.environment(), **more.get("environment", {})}
            more |= {"environment": environment}
            references = {**database.password("airflow"), **references}
        return Program(
            component=component,
            image=self._foundation.images["airflow"],
            command=command,
            resources=self._foundation.resources(known),
            config=[SETTINGS],
            user=AIRFLOW_USER,
            token=component in GRANTS,
            references=references,
            **more,
        )


# One file each: Airflow takes the links of a mounted ConfigMap for a loop of folders.
_MOUNTS: Mapping[str, Sequence[Mount]] = {
    SCHEDULER: [Mount(path=f"{CONFIG}/{TASK_FILE}", config_map=FILES, key=TASK_FILE)],
    DAG_PROCESSOR: [
        Mount(path=f"{DAGS}/{DAG_ID}.py", config_map=FILES, key=f"{DAG_ID}.py"),
        Mount(path=f"{CONFIG}/{WORKLOAD_FILE}", config_map=FILES, key=WORKLOAD_FILE),
    ],
}


_SERVED: Mapping[str, int] = {API_SERVER: PORTS[API_SERVER], SCHEDULER: HEALTH_PORT}


def _pod(placement: Placement, program: Program) -> str:
    template = placement.template(program, restart="Never", annotations=exceptions(program))
    pod = {"apiVersion": "v1", "kind": "Pod", **template}
    return json.dumps(pod, indent=1)


def _probes(name: str) -> Mapping[str, Any]:
    if name == API_SERVER:
        # The first call builds the API that tasks call, whose time-out is as long as that.
        return http_probes("/execution/health", PORTS[API_SERVER], start_seconds=START_SECONDS)
    if name == SCHEDULER:
        return http_probes("/health", HEALTH_PORT, start_seconds=START_SECONDS)
    job = {DAG_PROCESSOR: "DagProcessorJob", TRIGGERER: "TriggererJob"}[name]
    alive = ["python", "-c", ALIVE.read_text(encoding="utf-8"), job]
    return process_probes(alive, start_seconds=START_SECONDS)
