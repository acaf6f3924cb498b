"""Tracking on this machine: an MLflow server that proxies its artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.targets.local.layout import LOOPBACK
from pilothouse.targets.local.resources.mlflow_user import MlflowUser
from pilothouse.targets.local.resources.ready import Ready
from pilothouse.targets.local.resources.service import Service, ServiceArgs

if TYPE_CHECKING:
    from pilothouse.targets.local.compute import LocalCompute
    from pilothouse.targets.local.foundation import LocalFoundation
    from pilothouse.targets.local.storage import LocalStorage

ADMIN, WORKLOAD_USER = "admin", "workload"
DRIVER = "psycopg2"


class LocalTracking(pulumi.ComponentResource):
    """MLflow with basic authentication: an admin for people, a limited user for the workload."""

    outputs: Capability[pulumi.Input[str]]

    def __init__(
        self,
        name: str,
        foundation: LocalFoundation,
        storage: LocalStorage,
        compute: LocalCompute,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("pilothouse:local:Tracking", name, None, opts)
        self._foundation, self._storage = foundation, storage
        self._layout = foundation.layout
        self.url = self._layout.url("mlflow")
        self._secrets = foundation.secrets(
            "tracking", dict.fromkeys((ADMIN, WORKLOAD_USER, "flask", "kek"), "password"), self
        )
        child = pulumi.ResourceOptions(parent=self)
        self.service = self._server()
        self._probe = Probe(service="mlflow", kind="http", address=f"{self.url}/health")
        ready = Ready(
            "mlflow-ready", foundation.home, [self._probe], {"mlflow": self.service.started}, child
        )
        self.user = MlflowUser(
            WORKLOAD_USER,
            server=self.url,
            admin_password=self._secrets[ADMIN],
            password=self._secrets[WORKLOAD_USER],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[ready]),
        )
        self.outputs = self._capability()
        self.register_outputs({"uri": self.outputs.uri})

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
            probes=[self._probe],
        )

    def _server(self) -> Service:
        environment = self._foundation.environment("mlflow", self)
        client, client_secrets = self._storage.client("artifacts")
        address = self._layout.address("mlflow")
        args = ServiceArgs(
            command=[
                environment.program("bin", "mlflow"),
                "server",
                "--app-name=basic-auth",
                f"--host={LOOPBACK}",
                f"--port={self._layout.port('mlflow')}",
                "--workers=1",
                "--serve-artifacts",
                f"--artifacts-destination={self._storage.uri('artifacts')}",
            ],
            environment={
                **client,
                "MLFLOW_S3_ENDPOINT_URL": self._storage.endpoint,
                "MLFLOW_SERVER_ALLOWED_HOSTS": f"{address},localhost:{self._layout.port('mlflow')}",
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "MLFLOW_AUTH_CONFIG_PATH": "basic_auth.ini",
            },
            secrets={
                **client_secrets,
                "MLFLOW_BACKEND_STORE_URI": self._foundation.database_url(
                    "mlflow", "mlflow", DRIVER
                ),
                "MLFLOW_FLASK_SERVER_SECRET_KEY": self._secrets["flask"],
                "MLFLOW_CRYPTO_KEK_PASSPHRASE": self._secrets["kek"],
            },
            files={"basic_auth.ini": self._authentication()},
            ports=[self._layout.port("mlflow")],
        )
        needs = [self._foundation.database, self._storage.service]
        opts = pulumi.ResourceOptions(parent=self, depends_on=needs)
        return Service("mlflow", self._foundation.home, args, opts)

    def _authentication(self) -> pulumi.Output[str]:
        return pulumi.Output.format(
            "[mlflow]\n"
            "default_permission = NO_PERMISSIONS\n"
            "database_uri = {}\n"
            f"admin_username = {ADMIN}\n"
            "admin_password = {}\n",
            self._foundation.database_url("mlflow", "mlflow_auth", DRIVER),
            self._secrets[ADMIN],
        )
