"""Tracking on Kubernetes: two MLflow servers that proxy artifacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.services.mlflow import settings as mlflow_settings
from pilothouse.services.mlflow.settings import ADMIN, DRIVER, WORKLOAD_USER
from pilothouse.targets.kubernetes.components.base import KubernetesComponent
from pilothouse.targets.kubernetes.components.exposure import expose
from pilothouse.targets.kubernetes.components.oidc_client import OidcClient
from pilothouse.targets.kubernetes.objects.pods import DRAIN_SECONDS, Mount, Program, http_probes
from pilothouse.targets.kubernetes.objects.public_hosts import public_host, public_url
from pilothouse.targets.kubernetes.objects.sizing import MLFLOW_REPLICAS
from pilothouse.targets.kubernetes.settings.component_table import (
    MLFLOW,
    MLFLOW_GC,
    MLFLOW_JOB,
    PORTS,
)

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.compute import KubernetesCompute
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage

FILES, AUTHENTICATION = "mlflow-files", "/files/basic_auth.ini"
GC_SCHEDULE = "30 4 * * 0"
COMMAND = (
    "mlflow",
    "server",
    "--host=0.0.0.0",
    f"--port={PORTS[MLFLOW]}",
    "--workers=1",
    "--app-name=basic-auth",
    "--serve-artifacts",
)


class KubernetesTracking(KubernetesComponent):
    """MLflow with basic authentication."""

    def __init__(
        self,
        name: str,
        foundation: KubernetesFoundation,
        storage: KubernetesStorage,
        compute: KubernetesCompute,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        self._storage = storage
        self._oidc = OidcClient.of(foundation.plan, MLFLOW)
        self.url = foundation.url(MLFLOW)
        self._secrets = foundation.secrets(
            "tracking", dict.fromkeys((ADMIN, WORKLOAD_USER, "flask", "kek"), "password"), self
        )
        self._configuration = self._create_configuration()
        setup_job = self._create_setup_job()
        server = self.objects.deployment(
            self._server(),
            replicas=MLFLOW_REPLICAS,
            depends_on=[*storage.ready, setup_job],
            annotations={**self._annotations(), **self._oidc.annotations},
        )
        self.ready: list[pulumi.Resource] = [server, self.objects.service(MLFLOW)]
        self._create_gc_job()
        expose(self.objects, self.plan, MLFLOW, self.ready)
        self.publish(self._capability())

    def _capability(self) -> Capability[pulumi.Input[str]]:
        return Capability(
            uri=self.url,
            console=public_url(self.plan, MLFLOW) or self.url,
            environment={"MLFLOW_TRACKING_URI": self.url},
            secrets={
                "MLFLOW_TRACKING_USERNAME": pulumi.Output.secret(WORKLOAD_USER),
                "MLFLOW_TRACKING_PASSWORD": self._secrets[WORKLOAD_USER],
            },
            login={"username": ADMIN, "password": self._secrets[ADMIN]},
            people=self.foundation.people_passwords(),
            probes=[Probe(service=MLFLOW, kind="http", address=f"{self.url}/health")],
        )

    def _annotations(self) -> Mapping[str, pulumi.Input[str]]:
        """Pod annotations that change with the secrets and the database, so that pods restart.

        With people too: a server lets a login in for a minute without a look into its database.
        """
        return {
            "secrets": self._secrets.revision,
            **self.foundation.database.annotations,
            **self.foundation.people_annotations(),
        }

    def _create_configuration(self) -> list[pulumi.Resource]:
        """Create the Secret of MLflow's settings, and the one of its authentication file."""
        database = self.foundation.database
        users = pulumi.Output.all(
            database.url("mlflow", "mlflow_auth", DRIVER), self._secrets[ADMIN]
        )
        return [
            *self._oidc.create(self.objects),
            self.objects.secret(
                MLFLOW,
                {
                    **self._storage.access("artifacts").keys,
                    "MLFLOW_BACKEND_STORE_URI": database.url("mlflow", "mlflow", DRIVER),
                    "MLFLOW_FLASK_SERVER_SECRET_KEY": self._secrets["flask"],
                    "MLFLOW_CRYPTO_KEK_PASSPHRASE": self._secrets["kek"],
                },
            ),
            self.objects.secret(
                FILES,
                {
                    "basic_auth.ini": users.apply(
                        lambda values: mlflow_settings.authentication(
                            *values, oidc=self._oidc.is_there
                        )
                    )
                },
            ),
        ]

    def _create_setup_job(self) -> pulumi.Resource:
        accounts = mlflow_settings.accounts(
            {name: self._secrets[name] for name in (ADMIN, WORKLOAD_USER)},
            self.plan.platform.access.roles,
            self.foundation.people_passwords(),
            oidc=self._oidc.is_there,
        )
        script = self.objects.config_map(
            MLFLOW_JOB, {"setup.py": mlflow_settings.SETUP.read_text()}
        )
        user_list = self.objects.secret(
            MLFLOW_JOB, {"users.json": pulumi.Output.json_dumps(accounts)}
        )
        program = Program(
            component=MLFLOW_JOB,
            image=self.foundation.images[MLFLOW],
            command=["sh", "-c", "exec python /scripts/setup.py < /users/users.json"],
            resources=self.foundation.resources("job"),
            environment=self._settings(),
            secrets=[MLFLOW],
            references=self.foundation.database.password("mlflow"),
            mounts=[
                Mount(path="/scripts", config_map=MLFLOW_JOB),
                Mount(path="/users", secret=MLFLOW_JOB),
                Mount(path="/files", secret=FILES),
                *self.foundation.database.mounts(),
            ],
        )
        needs = [*self.foundation.database.ready, *self._configuration, script, user_list]
        return self.objects.job(program, depends_on=needs, annotations=self._annotations())

    def _create_gc_job(self) -> None:
        """Purge what was deleted longer ago than the retention, every week."""
        retention = self.plan.platform.storage.retention_days
        plain = {"MLFLOW_TRACKING_URI": self.url, "HOME": "/tmp"}  # noqa: S108 - the pod's own
        secret: dict[str, pulumi.Input[str]] = {
            "MLFLOW_BACKEND_STORE_URI": self.foundation.database.url("mlflow", "mlflow", DRIVER),
            "MLFLOW_TRACKING_USERNAME": ADMIN,
            "MLFLOW_TRACKING_PASSWORD": self._secrets[ADMIN],
        }
        needs = [
            self.objects.config_map(MLFLOW_GC, {"gc.py": mlflow_settings.GC.read_text()}),
            self.objects.secret(MLFLOW_GC, secret),
            *self.ready,
        ]
        program = Program(
            component=MLFLOW_GC,
            image=self.foundation.images[MLFLOW],
            command=["python", "/scripts/gc.py", "delete", f"{retention}d"],
            resources=self.foundation.resources("job"),
            environment={
                **mlflow_settings.SETTINGS,
                **self.foundation.database.environment(),
                **plain,
            },
            secrets=[MLFLOW_GC],
            references=self.foundation.database.password("mlflow"),
            mounts=[
                Mount(path="/scripts", config_map=MLFLOW_GC),
                *self.foundation.database.mounts(),
            ],
        )
        self.objects.cron_job(program, GC_SCHEDULE, depends_on=needs)

    def _server(self) -> Program:
        return Program(
            component=MLFLOW,
            image=self.foundation.images[MLFLOW],
            command=COMMAND,
            resources=self.foundation.resources(MLFLOW),
            environment={**self._settings(), **self._oidc.environment},
            secrets=[MLFLOW],
            references={
                **self.foundation.database.password("mlflow"),
                **self._oidc.references,
                **self._storage.access("artifacts").references,
            },
            mounts=[
                Mount(path="/files", secret=FILES),
                *self._oidc.mounts,
                *self.foundation.database.mounts(),
            ],
            port=PORTS[MLFLOW],
            probes=http_probes("/health", PORTS[MLFLOW], start_seconds=180),
            drain_seconds=DRAIN_SECONDS,
        )

    def _settings(self) -> dict[str, str]:
        artifacts, endpoint = self._storage.access("artifacts"), self._storage.endpoint
        return {
            **artifacts.environment,
            **mlflow_settings.SETTINGS,
            **self.foundation.database.environment(),
            "MLFLOW_ARTIFACTS_DESTINATION": artifacts.uri,
            "MLFLOW_AUTH_CONFIG_PATH": AUTHENTICATION,
            **({"MLFLOW_S3_ENDPOINT_URL": endpoint} if endpoint else {}),
            "MLFLOW_SERVER_ALLOWED_HOSTS": self._hosts(),
            "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": ",".join(self._origins()),
            "HOME": "/tmp",  # noqa: S108 - a volume of the pod's own
        }

    def _origins(self) -> list[str]:
        return [self.url, *filter(None, [public_url(self.plan, MLFLOW)])]

    def _hosts(self) -> str:
        """The hosts of requests from inside, by a forwarded port, and from outside the cluster."""
        namespace = self.foundation.namespace_name
        names = (MLFLOW, f"{MLFLOW}.{namespace}", f"{MLFLOW}.{namespace}.svc")
        inside = [f"{name}:{PORTS[MLFLOW]}" for name in names]
        outside = filter(None, [public_host(self.plan, MLFLOW)])
        return ",".join([*inside, *mlflow_settings.LOOPBACK_HOSTS, *outside])
