"""Tracking on Kubernetes: two MLflow servers that proxy their artifacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.services.mlflow import settings as mlflow_settings
from pilothouse.services.mlflow.settings import ADMIN, DRIVER, WORKLOAD_USER
from pilothouse.targets.kubernetes.components.base import KubernetesComponent
from pilothouse.targets.kubernetes.components.exposure import expose
from pilothouse.targets.kubernetes.objects.network_policies import (
    MLFLOW,
    MLFLOW_GC,
    MLFLOW_JOB,
    PORTS,
)
from pilothouse.targets.kubernetes.objects.pods import DRAIN_SECONDS, Mount, Program, http_probes
from pilothouse.targets.kubernetes.settings.hosts import public_host, public_url
from pilothouse.targets.kubernetes.settings.sizes import MLFLOW_REPLICAS

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
    """MLflow with basic authentication, behind policies that let its clients in only."""

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
        self.url = foundation.url(MLFLOW)
        self._secrets = foundation.secrets(
            "tracking", dict.fromkeys((ADMIN, WORKLOAD_USER, "flask", "kek"), "password"), self
        )
        self._given = self._handed_over()
        set_up = self._set_up()
        server = self.objects.deployment(
            self._server(),
            replicas=MLFLOW_REPLICAS,
            needs=[*storage.ready, set_up],
            annotations=self._marks(),
        )
        self.ready: list[pulumi.Resource] = [server, self.objects.service(MLFLOW)]
        self._maintain()
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
            probes=[Probe(service=MLFLOW, kind="http", address=f"{self.url}/health")],
        )

    def _marks(self) -> Mapping[str, pulumi.Input[str]]:
        """What changes when a pod must start anew: other secrets, another database."""
        return {"secrets": self._secrets.revision, **self.foundation.database.marks}

    def _handed_over(self) -> list[pulumi.Resource]:
        """The Secret of MLflow's settings, and that of its file of users."""
        database = self.foundation.database
        _, keys = self._storage.client("artifacts")
        users = pulumi.Output.all(
            database.url("mlflow", "mlflow_auth", DRIVER), self._secrets[ADMIN]
        )
        return [
            self.objects.secret(
                MLFLOW,
                {
                    **keys,
                    "MLFLOW_BACKEND_STORE_URI": database.url("mlflow", "mlflow", DRIVER),
                    "MLFLOW_FLASK_SERVER_SECRET_KEY": self._secrets["flask"],
                    "MLFLOW_CRYPTO_KEK_PASSPHRASE": self._secrets["kek"],
                },
            ),
            self.objects.secret(
                FILES,
                {
                    "basic_auth.ini": users.apply(
                        lambda known: mlflow_settings.authentication(*known)
                    )
                },
            ),
        ]

    def _set_up(self) -> pulumi.Resource:
        users = [
            {"username": name, "password": self._secrets[name], "admin": name == ADMIN}
            for name in (ADMIN, WORKLOAD_USER)
        ]
        script = self.objects.config_map(
            MLFLOW_JOB, {"setup.py": mlflow_settings.SETUP.read_text()}
        )
        listed = self.objects.secret(MLFLOW_JOB, {"users.json": pulumi.Output.json_dumps(users)})
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
            ],
        )
        needs = [*self.foundation.database.ready, *self._given, script, listed]
        return self.objects.job(program, needs=needs, annotations=self._marks())

    def _maintain(self) -> None:
        """What was deleted goes for good, every week, when old versions of objects would go too."""
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
            command=["python", "/scripts/gc.py", f"{self.plan.platform.storage.retention_days}d"],
            resources=self.foundation.resources("job"),
            environment={
                **mlflow_settings.SETTINGS,
                **self.foundation.database.environment(),
                **plain,
            },
            secrets=[MLFLOW_GC],
            references=self.foundation.database.password("mlflow"),
            mounts=[Mount(path="/scripts", config_map=MLFLOW_GC)],
        )
        self.objects.cron_job(program, GC_SCHEDULE, needs=needs)

    def _server(self) -> Program:
        return Program(
            component=MLFLOW,
            image=self.foundation.images[MLFLOW],
            command=COMMAND,
            resources=self.foundation.resources(MLFLOW),
            environment=self._settings(),
            secrets=[MLFLOW],
            references={
                **self.foundation.database.password("mlflow"),
                **self._storage.references("artifacts"),
            },
            mounts=[Mount(path="/files", secret=FILES)],
            port=PORTS[MLFLOW],
            probes=http_probes("/health", PORTS[MLFLOW], start_seconds=180),
            drain_seconds=DRAIN_SECONDS,
        )

    def _settings(self) -> dict[str, str]:
        plain, _ = self._storage.client("artifacts")
        return {
            **plain,
            **mlflow_settings.SETTINGS,
            **self.foundation.database.environment(),
            "MLFLOW_ARTIFACTS_DESTINATION": self._storage.uri("artifacts"),
            "MLFLOW_AUTH_CONFIG_PATH": AUTHENTICATION,
            "MLFLOW_S3_ENDPOINT_URL": self._storage.endpoint,
            "MLFLOW_SERVER_ALLOWED_HOSTS": self._hosts(),
            "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": ",".join(self._origins()),
            "HOME": "/tmp",  # noqa: S108 - a volume of the pod's own
        }

    def _origins(self) -> list[str]:
        return [self.url, *filter(None, [public_url(self.plan, MLFLOW)])]

    def _hosts(self) -> str:
        """The names under which it is called inside, by a forwarded port, and from outside."""
        namespace = self.foundation.namespace_name
        names = (MLFLOW, f"{MLFLOW}.{namespace}", f"{MLFLOW}.{namespace}.svc")
        inside = [f"{name}:{PORTS[MLFLOW]}" for name in names]
        outside = filter(None, [public_host(self.plan, MLFLOW)])
        return ",".join([*inside, "127.0.0.1:*", "localhost:*", *outside])
