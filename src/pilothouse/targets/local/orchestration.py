"""Orchestration on this machine: Airflow's four processes, with their logs in the bucket."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from pilothouse.component import CapabilityComponent
from pilothouse.contract import Capability, Probe
from pilothouse.targets.local import launch
from pilothouse.targets.local.layout import LOOPBACK
from pilothouse.targets.local.resources.bucket import REGION
from pilothouse.targets.local.resources.job import Job, JobArgs
from pilothouse.targets.local.resources.ready import Ready
from pilothouse.targets.local.resources.secrets import Kind
from pilothouse.targets.local.resources.service import Service, ServiceArgs
from pilothouse.targets.local.surroundings import basics, folder_of

if TYPE_CHECKING:
    from pilothouse.targets.local.compute import LocalCompute
    from pilothouse.targets.local.foundation import LocalFoundation
    from pilothouse.targets.local.storage import LocalStorage
    from pilothouse.targets.local.tracking import LocalTracking

AUTH_MANAGER = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
ADMIN, RUNNER = "admin", "workload"
API_SERVER = "airflow-api-server"
SCHEDULER, DAG_PROCESSOR = "airflow-scheduler", "airflow-dag-processor"
COMMANDS: Mapping[str, Sequence[str]] = {
    API_SERVER: ("api-server",),
    SCHEDULER: ("scheduler", "--skip-serve-logs"),
    DAG_PROCESSOR: ("dag-processor",),
    "airflow-triggerer": ("triggerer", "--skip-serve-logs"),
}
DAG_ID = "pilothouse_workload"
DAG = Path(__file__).parent / "dags" / f"{DAG_ID}.py"
SETUP_JOB, SETUP = "airflow-setup", Path(__file__).parent / "airflow_setup.py"


class LocalOrchestration(CapabilityComponent):
    """Airflow with its own users, its own secrets and the workload's DAG."""

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
        self._secrets = foundation.secrets("orchestration", _SECRET_KINDS, self)
        self._environment = foundation.environment("airflow", self)
        self._migrated = self._marker()
        self._set_up()
        services = self._services()
        self._probes = [self._probe(name) for name in COMMANDS]
        after = {name: service.started for name, service in services.items()}
        Ready("airflow-ready", foundation.home, self._probes, after, self.child())
        self.promise(self._capability())

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
            submit={"kind": "airflow-api", "dag": DAG_ID},
            probes=[
                Probe(
                    service="postgres", kind="postgres", address=self._layout.address("postgres")
                ),
                *self._probes,
            ],
        )

    def _probe(self, service: str) -> Probe:
        if service == API_SERVER:
            # The first call builds the API that tasks call, whose time-out is as long as that.
            return Probe(service=service, kind="http", address=f"{self.url}/execution/health")
        address = f"{self.url}/api/v2/monitor/health"
        return Probe(service=service, kind="airflow", address=address)

    def _set_up(self) -> Job:
        users = [(ADMIN, "Admin"), (RUNNER, "User")]
        args = JobArgs(
            command=[self._environment.program("bin", "python"), str(SETUP), self._migrated],
            environment=self._settings(),
            secrets=self._secret_settings(),
            stdin=pulumi.Output.json_dumps(
                [
                    {"username": name, "role": role, "password": self._secrets[name]}
                    for name, role in users
                ]
            ),
        )
        opts = self.child(self._foundation.database)
        return Job(SETUP_JOB, self._foundation.home, args, opts)

    def _marker(self) -> pulumi.Output[str]:
        """The file that says that this Airflow's database, in this cluster, is migrated."""
        folder = folder_of(self._layout.home, SETUP_JOB)
        return pulumi.Output.all(self._environment.path, self._foundation.cluster.revision).apply(
            lambda known: str(folder / f"migrated-{sha256(repr(known).encode()).hexdigest()[:12]}")
        )

    def _services(self) -> dict[str, Service]:
        """The API server first: the others call it until they have stopped."""
        needs = [self._foundation.database, self._storage.service, self._tracking.service]
        server = self._service(API_SERVER, needs)
        others = [name for name in COMMANDS if name != API_SERVER]
        return {API_SERVER: server} | {name: self._service(name, [server]) for name in others}

    def _service(self, name: str, needs: Sequence[pulumi.Resource]) -> Service:
        args = ServiceArgs(
            command=[self._environment.program("bin", "airflow"), *COMMANDS[name]],
            environment=self._settings(),
            secrets=self._secret_settings(),
            files=self._files(name),
            probes=[self._probe(name)],
            ports=[self._layout.port(port) for service, port in _PORTS.items() if service == name],
            wait_for=self._migrated,
        )
        return Service(name, self._foundation.home, args, self.child(*needs))

    def _files(self, service: str) -> dict[str, pulumi.Input[str]]:
        if service == DAG_PROCESSOR:
            return {f"dags/{DAG_ID}.py": DAG.read_text()}
        if service == SCHEDULER:
            return {"workload.json": self._workload_environment()}
        return {}

    def _workload_environment(self) -> pulumi.Output[str]:
        capabilities = (self._storage.outputs, self._compute.outputs, self._tracking.outputs)
        folder = folder_of(self._layout.home, SCHEDULER)
        variables: dict[str, pulumi.Input[str]] = dict(basics(folder))
        for capability in capabilities:
            variables |= {**capability.environment, **capability.secrets}
        return pulumi.Output.json_dumps(variables)

    def _workload_command(self, workload: str) -> str:
        variables = folder_of(self._layout.home, SCHEDULER) / "workload.json"
        return shlex.join(launch.arguments([workload], environment=variables, keep=["RUN_TOKEN"]))

    def _settings(self) -> dict[str, pulumi.Input[str]]:
        parallelism = str(self._plan.parallelism)
        settings: dict[str, pulumi.Input[str]] = {
            "CORE__AUTH_MANAGER": AUTH_MANAGER,
            "CORE__DAGS_FOLDER": str(folder_of(self._layout.home, DAG_PROCESSOR) / "dags"),
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__PARALLELISM": parallelism,
            "CORE__MAX_ACTIVE_TASKS_PER_DAG": parallelism,
            "API__BASE_URL": self.url,
            "API__HOST": LOOPBACK,
            "API__PORT": str(self._layout.port("airflow")),
            "API__WORKERS": "1",
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
            "DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "DAG_PROCESSOR__REFRESH_INTERVAL": "5",
            # The users' job makes roles and permissions once; each start would do it again.
            "FAB__UPDATE_FAB_PERMS": "False",
            "LOGGING__REMOTE_BASE_LOG_FOLDER": self._storage.uri("logs"),
            "LOGGING__REMOTE_LOG_CONN_ID": "s3logs",
            "LOGGING__REMOTE_LOGGING": "True",
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
            "SCHEDULER__ENABLE_HEALTH_CHECK": "True",
            "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": LOOPBACK,
            "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(
                self._layout.port("airflow-scheduler")
            ),
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        return {
            **{f"AIRFLOW__{name}": value for name, value in settings.items()},
            "PILOTHOUSE_WORKLOAD_COMMAND": self._compute.command.apply(self._workload_command),
        }

    def _secret_settings(self) -> dict[str, pulumi.Input[str]]:
        database = ("airflow", "airflow")
        access, secret = self._storage.credentials("logs")
        connection = pulumi.Output.json_dumps(
            {
                "conn_type": "aws",
                "login": access,
                "password": secret,
                "extra": {"endpoint_url": self._storage.endpoint, "region_name": REGION},
            }
        )
        url = self._foundation.database_url
        return {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url(*database, "psycopg2"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": url(*database, "asyncpg"),
            "AIRFLOW__CORE__FERNET_KEY": self._secrets["fernet"],
            "AIRFLOW__API_AUTH__JWT_SECRET": self._secrets["jwt"],
            "AIRFLOW__API__SECRET_KEY": self._secrets["api"],
            "AIRFLOW_CONN_S3LOGS": connection,
        }


_PORTS = {API_SERVER: "airflow", SCHEDULER: "airflow-scheduler"}
_SECRET_KINDS: Mapping[str, Kind] = {
    "fernet": "fernet",
    **dict.fromkeys(("jwt", "api", ADMIN, RUNNER), "password"),
}
