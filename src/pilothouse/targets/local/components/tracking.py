"""Tracking on this machine: an MLflow server that proxies its artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.services.mlflow import settings as mlflow_settings
from pilothouse.services.mlflow.settings import (
    ADMIN,
    DEFAULT_EXPERIMENT,
    DRIVER,
    EXPERIMENT_PERMISSION,
    MIGRATION_JOB,
    WORKLOAD_USER,
)
from pilothouse.targets.local.processes.layout import LOOPBACK
from pilothouse.targets.local.resources.job import Job, JobArgs
from pilothouse.targets.local.resources.mlflow_people import MlflowPeople
from pilothouse.targets.local.resources.mlflow_user import MlflowUser
from pilothouse.targets.local.resources.ready import Ready
from pilothouse.targets.local.resources.service import Service, ServiceArgs
from pilothouse.targets.shared.component import CapabilityComponent

if TYPE_CHECKING:
    from pilothouse.targets.local.components.compute import LocalCompute
    from pilothouse.targets.local.components.foundation import LocalFoundation
    from pilothouse.targets.local.components.storage import LocalStorage

# The variables that `mlflow server` sets for its child process, which is started here without that
# parent: half the memory, half the start-up time, and no orphan on the port when the parent is
# killed. They are internal names of MLflow 3.17, which the lock pins.
_SERVER = {
    "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
    "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    "_MLFLOW_SGI_NAME": "uvicorn",
    "MLFLOW_AUTH_CONFIG_PATH": "basic_auth.ini",
}


class LocalTracking(CapabilityComponent):
    """MLflow with basic authentication: an admin for people, a limited user for the workload."""

    def __init__(
        self,
        name: str,
        foundation: LocalFoundation,
        storage: LocalStorage,
        compute: LocalCompute,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("local", name, opts)
        self._foundation, self._storage = foundation, storage
        self._layout = foundation.layout
        self.url = self._layout.url("mlflow")
        self._secrets = foundation.secrets(
            "tracking", dict.fromkeys((ADMIN, WORKLOAD_USER, "flask", "kek"), "password"), self
        )
        self._probe = Probe(service="mlflow", kind="http", address=f"{self.url}/health")
        self._environment = foundation.environment("mlflow", self)
        self._migrated = foundation.migration_marker(MIGRATION_JOB, self._environment)
        self.service = self._server(self._migration_job())
        ready = Ready(
            "mlflow-ready",
            foundation.home,
            [self._probe],
            {"mlflow": self.service.started},
            self.child(),
        )
        self.user = MlflowUser(
            WORKLOAD_USER,
            server=self.url,
            admin_password=self._secrets[ADMIN],
            password=self._secrets[WORKLOAD_USER],
            experiments={DEFAULT_EXPERIMENT: EXPERIMENT_PERMISSION},
            opts=self.child(ready),
        )
        roles = foundation.plan.platform.access.roles
        MlflowPeople(
            "mlflow-people",
            server=self.url,
            admin_password=self._secrets[ADMIN],
            people=mlflow_settings.people(
                roles, foundation.people_passwords(), oidc=bool(foundation.oidc.plain)
            ),
            opts=self.child(ready),
        )
        self.publish(self._capability())

    def _capability(self) -> Capability[pulumi.Input[str]]:
        return Capability(
            uri=self.url,
            console=self.url,
            environment={"MLFLOW_TRACKING_URI": self.url},
            secrets={
                "MLFLOW_TRACKING_USERNAME": pulumi.Output.secret(WORKLOAD_USER),
                "MLFLOW_TRACKING_PASSWORD": self._secrets[WORKLOAD_USER],
            },
            login={"username": ADMIN, "password": self._secrets[ADMIN]},
            people=self._foundation.people_passwords(),
            probes=[self._probe],
        )

    def _migration_job(self) -> Job:
        args = JobArgs(
            command=[
                self._environment.program("bin", "python"),
                str(mlflow_settings.MIGRATE),
                self._migrated,
            ],
            environment=mlflow_settings.SETTINGS,
            secrets={"MLFLOW_BACKEND_STORE_URI": self._database_url()},
        )
        opts = self.child(self._foundation.database)
        return Job(MIGRATION_JOB, self._foundation.home, args, opts)

    def _database_url(self) -> pulumi.Output[str]:
        return self._foundation.database_url("mlflow", "mlflow", DRIVER)

    def _server(self, migration: Job) -> Service:
        client, client_secrets = self._storage.client("artifacts")
        args = ServiceArgs(
            command=[
                self._environment.program("bin", "python"),
                "-m",
                "uvicorn",
                "--factory",
                f"--host={LOOPBACK}",
                f"--port={self._layout.port('mlflow')}",
                "--workers=1",
                "--no-access-log",
                "mlflow.server.auth:create_app",
            ],
            environment={
                **client,
                **mlflow_settings.SETTINGS,
                **_SERVER,
                **self._foundation.oidc.plain,
                "_MLFLOW_SERVER_ARTIFACT_DESTINATION": self._storage.uri("artifacts"),
                "MLFLOW_S3_ENDPOINT_URL": self._storage.endpoint,
                "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(mlflow_settings.LOOPBACK_HOSTS),
            },
            secrets={
                **client_secrets,
                **self._foundation.oidc.secrets,
                "_MLFLOW_SERVER_FILE_STORE": self._database_url(),
                "MLFLOW_FLASK_SERVER_SECRET_KEY": self._secrets["flask"],
                "MLFLOW_CRYPTO_KEK_PASSPHRASE": self._secrets["kek"],
            },
            files={"basic_auth.ini": self._authentication()},
            probes=[self._probe],
            ports=[self._layout.port("mlflow")],
            wait_for=self._migrated,
        )
        opts = self.child(migration, self._storage.service)
        return Service("mlflow", self._foundation.home, args, opts)

    def _authentication(self) -> pulumi.Output[str]:
        url = self._foundation.database_url("mlflow", "mlflow_auth", DRIVER)
        with_oidc = bool(self._foundation.oidc.plain)
        return pulumi.Output.all(url, self._secrets[ADMIN]).apply(
            lambda values: mlflow_settings.authentication(*values, oidc=with_oidc)
        )
