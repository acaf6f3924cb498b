"""The programs of Airflow's pods: its processes, its jobs, and the pods that it creates itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.services import proof
from pilothouse.services.airflow.settings import (
    ALIVE,
    API_SERVER,
    COMMANDS,
    CONFIGURATION_FILE,
    CONFIGURATION_VARIABLE,
    DAG_ID,
    DAG_PROCESSOR,
    SCHEDULER,
    SETUP_JOB,
    TRIGGERER,
    variables,
)
from pilothouse.services.oidc import airflow_settings
from pilothouse.services.workload import RUN_STEP
from pilothouse.targets.kubernetes.components import dag_delivery
from pilothouse.targets.kubernetes.components.dag_packages import DagPackages
from pilothouse.targets.kubernetes.components.oidc_client import FOLDER
from pilothouse.targets.kubernetes.components.workload_steps import WorkloadSteps
from pilothouse.targets.kubernetes.objects import dag_packages
from pilothouse.targets.kubernetes.objects.checkov_skips import skip_annotations
from pilothouse.targets.kubernetes.objects.pods import (
    AIRFLOW_USER,
    DRAIN_SECONDS,
    Mount,
    PodTemplates,
    Program,
    http_probes,
    process_probes,
    workload_user,
)
from pilothouse.targets.kubernetes.objects.rbac import AIRFLOW_RULES
from pilothouse.targets.kubernetes.settings import team_dags
from pilothouse.targets.kubernetes.settings.component_table import (
    ALLOWED_CONNECTIONS,
    DAG_READERS,
    DATABASE_CLEANUP,
    GIT_SYNC,
    POD_CLEANUP,
    PORTS,
    POSTGRES,
    SEAWEEDFS,
    TASK,
    WORKLOAD,
    WORKLOAD_POD,
)

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.oidc_client import OidcClient
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage

SETTINGS, SECRETS, TASK_SECRETS = "airflow", "airflow", "airflow-task"
DAG_SECRETS = "airflow-dags"  # the connection to the bucket with the project's DAGs
FILES, WORKLOAD_FILE = WORKLOAD_POD
PARSER_SECRETS = "airflow-dag-processor"  # what of SECRETS the DAG processor needs, as a file
DATABASE_SECRETS = "airflow-database"  # the database's URLs, where SECRETS has the pool's
CONFIG, DAGS = "/config", "/dags"
TASK_FILE, PROOF_FILE = "task.yaml", "proof.json"
DAG = Path(__file__).parents[1] / "assets" / "dags" / f"{DAG_ID}.py"
HEALTH_PORT = 8974  # the scheduler's own health server
START_SECONDS = 180


class AirflowPrograms:
    """The programs of a stack's Airflow."""

    def __init__(
        self, foundation: KubernetesFoundation, storage: KubernetesStorage, oidc: OidcClient
    ) -> None:
        self._foundation, self._storage, self._oidc = foundation, storage, oidc
        self._steps = WorkloadSteps(foundation, storage, FILES)
        self.team_dags = team_dags.find_folder(foundation.plan) is not None
        self.packages = DagPackages(foundation, storage)

    def dag_files(self) -> Mapping[str, str]:
        """The DAGs, with what they read."""
        return {
            f"{DAG_ID}.py": DAG.read_text(encoding="utf-8"),
            **self._proof_files(),
            **self._steps.files,
            **self.packages.files,
        }

    def _proof_files(self) -> Mapping[str, str]:
        """What a pod of the proof reads, where no image has the proof's program."""
        if WORKLOAD in self._foundation.settings.images:
            return {}
        return {
            RUN_STEP.name: RUN_STEP.read_text(encoding="utf-8"),
            PROOF_FILE: json.dumps(proof.definition(), sort_keys=True),
        }

    def pod_template_files(self, pod_templates: PodTemplates) -> Mapping[str, str]:
        """The pod templates that Airflow creates pods from, as files; JSON is YAML."""
        pods = {
            TASK_FILE: self._task(),
            WORKLOAD_FILE: self._workload(),
            **self._steps.pods(),
        }
        return {name: _pod(pod_templates, program) for name, program in pods.items()}

    def process(self, name: str) -> Program:
        """The API server, the scheduler, the DAG processor or the triggerer."""
        public = name == API_SERVER and bool(self._foundation.plan.platform.access.host)
        parses = name == DAG_PROCESSOR
        return self._airflow(
            name,
            ["airflow", *COMMANDS[name], *(["--proxy-headers"] if public else [])],
            environment={
                # The network policy allows no other client from outside than the controller.
                **({"FORWARDED_ALLOW_IPS": "*"} if public else {}),
                **(self._oidc_settings() if name == API_SERVER else {}),
                **(self.packages.environment if name in dag_packages.USERS else {}),
                **({CONFIGURATION_VARIABLE: _PARSER_CONFIGURATION.path} if parses else {}),
            },
            references=self._oidc.references if name == API_SERVER else {},
            # The code of DAG files inherits variables, and not what only a file has.
            secrets=[*(() if parses else (SECRETS, TASK_SECRETS)), *self._dag_secrets(name)],
            mounts=[
                *self._mounts(name),
                *(self._oidc.mounts if name == API_SERVER else ()),
                *([_PARSER_CONFIGURATION] if parses else ()),
            ],
            before=self._init_programs(name),
            port=_PORTS.get(name, 0),
            probes=_probes(name),
            drain_seconds=DRAIN_SECONDS if name in PORTS else 0,
        )

    def _oidc_settings(self) -> Mapping[str, str]:
        if not self._oidc.is_there:
            return {}
        return {**self._oidc.environment, **variables(airflow_settings(FOLDER))}

    def setup_job(self) -> Program:
        """Migrates the tables, and creates the roles and the users."""
        return self._airflow(
            SETUP_JOB,
            ["sh", "-c", "exec python /scripts/setup.py /tmp/migrated < /users/users.json"],
            secrets=[SECRETS, TASK_SECRETS, *self._database_secrets()],
            mounts=[
                Mount(path="/scripts", config_map=SETUP_JOB),
                Mount(path="/users", secret=SETUP_JOB),
            ],
        )

    def _database_secrets(self) -> Sequence[str]:
        """Migrations bypass the pool: they hold a lock for longer than a transaction."""
        return [DATABASE_SECRETS] if self._foundation.settings.pg_bouncer else []

    def _dag_secrets(self, component: str) -> Sequence[str]:
        """What has the store: readers of DAGs need it, and what unpacks their packages."""
        reads = self.team_dags and component in DAG_READERS
        return [DAG_SECRETS] if reads or self._unpacks(component) else []

    def _unpacks(self, component: str) -> bool:
        return bool(self.packages) and component in dag_packages.USERS

    def pod_cleanup(self) -> Program:
        """Deletes the pods of ended tasks that Airflow did not delete."""
        namespace = f"--namespace={self._foundation.namespace_name}"
        return self._airflow(POD_CLEANUP, ["airflow", "kubernetes", "cleanup-pods", namespace])

    def database_cleanup(self) -> Program:
        """Deletes runs that are older than the logs of their tasks."""
        days = self._foundation.plan.platform.orchestration.log_retention_days
        before = f'"$(date --utc --date="-{days} days" +%Y-%m-%dT%H:%M:%SZ)"'
        clean = f"exec airflow db clean --yes --skip-archive --clean-before-timestamp {before}"
        return self._airflow(DATABASE_CLEANUP, ["sh", "-c", clean], secrets=[SECRETS])

    def _mounts(self, component: str) -> Sequence[Mount]:
        packages = self.packages.mounts if self._unpacks(component) else ()
        if component not in DAG_READERS:
            return [*_MOUNTS.get(component, ()), *packages]
        return [
            *packages,
            *_MOUNTS[DAG_PROCESSOR],
            *self._steps.mounts(DAGS, CONFIG),
            *dag_delivery.mounts(self._foundation.settings.dags),
        ]

    def _init_programs(self, component: str) -> Sequence[Program]:
        git = self._foundation.settings.dags.git_sync
        programs: list[Program] = []
        if self._unpacks(component):
            programs += self.packages.init(FILES, DAG_SECRETS)
        if component in DAG_READERS and git:
            image = self._foundation.images[GIT_SYNC]
            programs.append(dag_delivery.sync(git, image, once=component == TASK))
        return programs

    def _task(self) -> Program:
        """A task of KubernetesExecutor, without the database's password and Airflow's keys."""
        return self._airflow(
            TASK,
            [],
            container="base",
            environment={
                "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
                **self.packages.environment,
            },
            secrets=[TASK_SECRETS, *self._dag_secrets(TASK)],
            mounts=self._mounts(TASK),
            before=self._init_programs(TASK),
        )

    def _workload(self) -> Program:
        """The pod of a step of the proof: by the image's own program, or by its package."""
        names = [] if WORKLOAD in self._foundation.settings.images else [RUN_STEP.name, PROOF_FILE]
        program = ["python", *(f"{CONFIG}/{name}" for name in names)] if names else [proof.NAME]
        return Program(
            component=WORKLOAD,
            container="base",
            image=self._foundation.images[WORKLOAD],
            command=program,
            user=workload_user(self._foundation.settings),
            mounts=[Mount(path=f"{CONFIG}/{name}", config_map=FILES, key=name) for name in names],
            resources=self._foundation.resources(WORKLOAD),
            environment={"HOME": "/tmp"},  # noqa: S108 - a volume of the pod's own
            secrets=[WORKLOAD],
            references=self._storage.access("data").references,
            gpus=self._foundation.plan.platform.compute.gpus,
        )

    def _airflow(self, component: str, command: Sequence[str], **more: Any) -> Program:
        size = component if component in COMMANDS or component == TASK else "job"
        servers = ALLOWED_CONNECTIONS[component]
        references = dict(more.pop("references", {}))
        references |= self._storage.access("logs").references if SEAWEEDFS in servers else {}
        if POSTGRES in servers:
            database = self._foundation.database
            environment = {**database.environment(), **more.get("environment", {})}
            mounts = [*more.get("mounts", ()), *database.mounts()]
            more |= {"environment": environment, "mounts": mounts}
            references = {**database.password("airflow"), **references}
        return Program(
            component=component,
            image=self._foundation.images["airflow"],
            command=command,
            resources=self._foundation.resources(size),
            config=[SETTINGS],
            user=AIRFLOW_USER,
            token=component in AIRFLOW_RULES,
            references=references,
            **more,
        )


# Single files: Airflow takes the symbolic links of a mounted ConfigMap for a loop of folders.
_MOUNTS: Mapping[str, Sequence[Mount]] = {
    SCHEDULER: [Mount(path=f"{CONFIG}/{TASK_FILE}", config_map=FILES, key=TASK_FILE)],
    DAG_PROCESSOR: [
        Mount(path=f"{DAGS}/{DAG_ID}.py", config_map=FILES, key=f"{DAG_ID}.py"),
        Mount(path=f"{CONFIG}/{WORKLOAD_FILE}", config_map=FILES, key=WORKLOAD_FILE),
    ],
}


_PARSER_CONFIGURATION = Mount(
    path=f"{CONFIG}/{CONFIGURATION_FILE}", secret=PARSER_SECRETS, key=CONFIGURATION_FILE
)
_PORTS: Mapping[str, int] = {API_SERVER: PORTS[API_SERVER], SCHEDULER: HEALTH_PORT}


def _pod(pod_templates: PodTemplates, program: Program) -> str:
    template = pod_templates.template(
        program, restart="Never", annotations=skip_annotations(program)
    )
    pod = {"apiVersion": "v1", "kind": "Pod", **template}
    return json.dumps(pod, indent=1)


def _probes(name: str) -> Mapping[str, Any]:
    if name == API_SERVER:
        # The first request builds the API that tasks call, which takes as long as their time-out.
        return http_probes("/execution/health", PORTS[API_SERVER], start_seconds=START_SECONDS)
    if name == SCHEDULER:
        return http_probes("/health", HEALTH_PORT, start_seconds=START_SECONDS)
    job = {DAG_PROCESSOR: "DagProcessorJob", TRIGGERER: "TriggererJob"}[name]
    alive = ["python", "-c", ALIVE.read_text(encoding="utf-8"), job]
    return process_probes(alive, start_seconds=START_SECONDS)
