"""Orchestration on this machine: Airflow's four processes, with their logs in the bucket."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.services import oidc, workload
from pilothouse.services.airflow import requirements
from pilothouse.services.airflow import settings as airflow_settings
from pilothouse.services.airflow.settings import (
    ADMIN,
    API_SERVER,
    COMMANDS,
    CONFIGURATION_FILE,
    CONFIGURATION_VARIABLE,
    DAG_ID,
    DAG_PROCESSOR,
    DAG_RUNNERS,
    RUNNER,
    SCHEDULER,
    SETUP,
    SETUP_JOB,
)
from pilothouse.targets.local.processes import launch
from pilothouse.targets.local.processes.layout import LOOPBACK
from pilothouse.targets.local.processes.process_environment import (
    base_variables,
    environment_file,
    working_folder,
)
from pilothouse.targets.local.resources.job import Job, JobArgs
from pilothouse.targets.local.resources.ready import Ready
from pilothouse.targets.local.resources.service import Service, ServiceArgs
from pilothouse.targets.shared.component import CapabilityComponent

if TYPE_CHECKING:
    from pilothouse.targets.local.components.compute import LocalCompute
    from pilothouse.targets.local.components.foundation import LocalFoundation
    from pilothouse.targets.local.components.storage import LocalStorage
    from pilothouse.targets.local.components.tracking import LocalTracking

COMMAND_LINE = "bin/airflow"  # in the scheduler's folder
Variables = dict[str, pulumi.Input[str]]
DAGS = Path(__file__).parents[1] / "assets" / "dags"


class LocalOrchestration(CapabilityComponent):
    """Airflow with its users, its secrets and the workload's DAG."""

    def __init__(
        self,
        name: str,
        foundation: LocalFoundation,
        storage: LocalStorage,
        compute: LocalCompute,
        tracking: LocalTracking,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("local", name, opts)
        self._plan, self._foundation, self._storage = foundation.plan, foundation, storage
        self._compute, self._tracking = compute, tracking
        self._layout = foundation.layout
        self.url = self._layout.url("airflow")
        self._secrets = foundation.secrets("orchestration", airflow_settings.SECRET_KINDS, self)
        self._environment = foundation.environment("airflow", self, lock=self._lock())
        self._migrated = foundation.migration_marker(SETUP_JOB, self._environment)
        self._setup_job()
        services = self._services()
        self._probes = [self._probe(name) for name in COMMANDS]
        after = {name: service.started for name, service in services.items()}
        Ready("airflow-ready", foundation.home, self._probes, after, self.child())
        self.publish(self._capability())

    def _lock(self) -> Path:
        """What Airflow's environment has, the packages of the team's DAGs among it."""
        plan, preview = self._plan, pulumi.runtime.is_dry_run()
        return requirements.lock_of(plan.project, plan.platform, preview=preview)

    def _capability(self) -> Capability[pulumi.Input[str]]:
        return Capability(
            uri=self.url,
            console=self.url,
            environment={"AIRFLOW_API_URL": f"{self.url}/api/v2"},
            secrets={
                "AIRFLOW_USERNAME": pulumi.Output.secret(RUNNER),
                "AIRFLOW_PASSWORD": self._secrets[RUNNER],
            },
            login={"username": ADMIN, "password": self._secrets[ADMIN]},
            people=self._foundation.people_passwords(),
            submit={
                "kind": "airflow-api",
                "dag": DAG_ID,
                **workload.submission(self._plan.platform.workload),
            },
            probes=[
                Probe(
                    service="postgres", kind="postgres", address=self._layout.address("postgres")
                ),
                *self._probes,
            ],
        )

    def _probe(self, service: str) -> Probe:
        if service == API_SERVER:
            # The first call builds the API that tasks call, which takes as long as their time-out.
            return Probe(service=service, kind="http", address=f"{self.url}/execution/health")
        address = f"{self.url}/api/v2/monitor/health"
        return Probe(service=service, kind="airflow", address=address)

    def _setup_job(self) -> Job:
        args = JobArgs(
            command=[self._environment.program("bin", "python"), str(SETUP), self._migrated],
            environment=self._settings(),
            secrets=self._secret_settings(),
            stdin=pulumi.Output.json_dumps(
                airflow_settings.accounts(
                    self._secret_values(),
                    self._plan.platform.access.roles,
                    self._foundation.people_passwords(),
                    oidc=bool(self._foundation.oidc.plain),
                )
            ),
        )
        opts = self.child(self._foundation.database)
        return Job(SETUP_JOB, self._foundation.home, args, opts)

    def _services(self) -> dict[str, Service]:
        """The processes; the API server starts first and stops last, since the others call it."""
        dependencies = [self._foundation.database, self._storage.service, self._tracking.service]
        server = self._service(API_SERVER, dependencies)
        others = [name for name in COMMANDS if name != API_SERVER]
        return {API_SERVER: server} | {name: self._service(name, [server]) for name in others}

    def _service(self, name: str, dependencies: Sequence[pulumi.Resource]) -> Service:
        plain, secret = self._own_variables(name)
        configuration = str(working_folder(self._layout.home, name) / CONFIGURATION_FILE)
        args = ServiceArgs(
            command=[self._environment.program("bin", "airflow"), *COMMANDS[name]],
            environment={**plain, **self._settings(), CONFIGURATION_VARIABLE: configuration},
            secrets={**secret, airflow_settings.LOG_VARIABLE: self._log_connection()},
            files=self._files(name),
            probes=[self._probe(name)],
            ports=[self._layout.port(port) for service, port in _PORTS.items() if service == name],
            wait_for=self._migrated,
        )
        return Service(name, self._foundation.home, args, self.child(*dependencies))

    def _own_variables(self, service: str) -> tuple[Variables, Variables]:
        """The plain and the secret variables that not all processes have."""
        if service in DAG_RUNNERS:
            return self._contract_variables()
        client = self._foundation.oidc
        settings = oidc.airflow_settings(str(oidc.PROGRAMS)) if client.plain else {}
        return {**client.plain, **airflow_settings.variables(settings)}, {**client.secrets}

    def _files(self, service: str) -> dict[str, pulumi.Input[str]]:
        """The private files of a process; its secrets are there, where its children have none."""
        secrets = pulumi.Output.all(**self._secret_settings())
        files = {CONFIGURATION_FILE: secrets.apply(airflow_settings.configuration_file)}
        if service == DAG_PROCESSOR:
            return {**files, **self._dag_files()}
        if service == SCHEDULER:
            command_line = self._environment.program("bin", "airflow").apply(self._command_line)
            return {
                **files,
                "workload.json": self._workload_environment(),
                COMMAND_LINE: command_line,
            }
        return {**files}

    def _dag_files(self) -> dict[str, pulumi.Input[str]]:
        """The DAG of the proof, and that of the team's workload with its definition."""
        files = {f"dags/{DAG_ID}.py": (DAGS / f"{DAG_ID}.py").read_text()}
        if wanted := self._plan.platform.workload:
            document = json.dumps(workload.definition(wanted), sort_keys=True)
            files[f"dags/{workload.DAG_ID}.py"] = (DAGS / f"{workload.DAG_ID}.py").read_text()
            files[f"dags/{workload.DAG_ID}.json"] = document
        return {**files}

    def _dag_folders(self) -> dict[str, str]:
        """The folders of the team's DAGs by the names of their bundles, each folder once."""
        own, shared = self._layout.dags, self._layout.project_dags
        folders = {"folder": str(own)}
        if shared and shared.resolve() != own.resolve():
            folders[airflow_settings.TEAM_BUNDLE] = str(shared)
        return folders

    def _contract_variables(self) -> tuple[Variables, Variables]:
        """The plain and the secret variables by which DAGs and the workload use the platform."""
        plain: Variables = {}
        secret: Variables = {}
        for capability in (self._storage.outputs, self._compute.outputs, self._tracking.outputs):
            plain |= capability.environment
            secret |= capability.secrets
        return plain, secret

    def _workload_environment(self) -> pulumi.Output[str]:
        plain, secret = self._contract_variables()
        folder = working_folder(self._layout.home, SCHEDULER)
        return pulumi.Output.json_dumps({**base_variables(folder), **plain, **secret})

    def _workload_command(self, program: str) -> str:
        variables = working_folder(self._layout.home, SCHEDULER) / "workload.json"
        return shlex.join(launch.arguments([program], environment=variables, keep=["RUN_TOKEN"]))

    def _step_command(self, python: str) -> str:
        """The command that runs the step of the team's workload whose name is its last argument."""
        folder = working_folder(self._layout.home, DAG_PROCESSOR) / "dags"
        command = [
            python,
            str(workload.RUN_STEP),
            f"--delivered={self._layout.delivered_package}",
            f"--environments={self._layout.environments}",
            str(folder / f"{workload.DAG_ID}.json"),
        ]
        variables = working_folder(self._layout.home, SCHEDULER) / "workload.json"
        return shlex.join(launch.arguments(command, environment=variables, keep=["RUN"]))

    def _command_line(self, airflow: str) -> str:
        """A program that is Airflow's command line with the environment of a task's parent."""
        variables = environment_file(working_folder(self._layout.home, SCHEDULER))
        arguments = launch.arguments([airflow], environment=variables, keep=["TERM"])
        return f'#!/bin/sh\nexec {shlex.join(arguments)} "$@"\n'

    def _settings(self) -> dict[str, pulumi.Input[str]]:
        common = airflow_settings.settings(
            parallelism=self._plan.parallelism,
            api_url=self.url,
            base_url=airflow_settings.ANY_ADDRESS,
            logs_uri=self._storage.uri("logs"),
        )
        bundles = airflow_settings.dag_bundles(self._dag_folders())
        health_port = str(self._layout.port("airflow-scheduler"))
        own = {
            "CORE__DAGS_FOLDER": str(working_folder(self._layout.home, DAG_PROCESSOR) / "dags"),
            "API__HOST": LOOPBACK,
            "API__PORT": str(self._layout.port("airflow")),
            "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": LOOPBACK,
            "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": health_port,
        }
        return {
            **common,
            **airflow_settings.variables({**own, **bundles}),
            "PILOTHOUSE_WORKLOAD_COMMAND": self._compute.command.apply(self._workload_command),
            **self._step_settings(),
        }

    def _step_settings(self) -> dict[str, pulumi.Input[str]]:
        if not self._plan.platform.workload:
            return {}
        python = self._compute.environment.program("bin", "python")
        return {"PILOTHOUSE_STEP_COMMAND": python.apply(self._step_command)}

    def _secret_settings(self) -> dict[str, pulumi.Output[str]]:
        url, async_url = (
            self._foundation.database_url("airflow", "airflow", driver)
            for driver in ("psycopg2", "asyncpg")
        )
        return airflow_settings.secret_settings(self._secret_values(), url, async_url)

    def _log_connection(self) -> pulumi.Output[str]:
        connection = airflow_settings.bucket_connection(*self._storage.client("logs"))
        return pulumi.Output.json_dumps(connection)

    def _secret_values(self) -> dict[str, pulumi.Output[str]]:
        return {name: self._secrets[name] for name in airflow_settings.SECRET_KINDS}


_PORTS = {API_SERVER: "airflow", SCHEDULER: "airflow-scheduler"}
