"""Orchestration on Kubernetes: Airflow, a pod for each task, with its logs in the bucket."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.services.airflow import settings as airflow_settings
from pilothouse.services.airflow.settings import (
    ADMIN,
    API_SERVER,
    DAG_ID,
    DAG_PROCESSOR,
    RUNNER,
    SCHEDULER,
    SETUP_JOB,
    TRIGGERER,
)
from pilothouse.targets.kubernetes.components import dag_delivery, pgbouncer, statsd
from pilothouse.targets.kubernetes.components.airflow_pods import (
    CONFIG,
    DAGS,
    DIRECT,
    FILES,
    HEALTH_PORT,
    SECRETS,
    SETTINGS,
    TASK_FILE,
    TASK_SECRETS,
    AirflowPrograms,
)
from pilothouse.targets.kubernetes.components.base import KubernetesComponent
from pilothouse.targets.kubernetes.components.dag_delivery import ACCOUNTS
from pilothouse.targets.kubernetes.components.exposure import expose
from pilothouse.targets.kubernetes.objects.builder import digest
from pilothouse.targets.kubernetes.objects.network_policies import PGBOUNCER, PORTS, TASK, WORKLOAD
from pilothouse.targets.kubernetes.objects.rbac import GRANTS
from pilothouse.targets.kubernetes.settings.hosts import public_url

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.compute import KubernetesCompute
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage
    from pilothouse.targets.kubernetes.components.tracking import KubernetesTracking

Urls = list[pulumi.Output[str]]

DAG = Path(__file__).parents[1] / "assets" / "dags" / f"{DAG_ID}.py"


class KubernetesOrchestration(KubernetesComponent):
    """Airflow with its own users, its own secrets and the workload's DAG."""

    def __init__(
        self,
        name: str,
        foundation: KubernetesFoundation,
        storage: KubernetesStorage,
        compute: KubernetesCompute,
        tracking: KubernetesTracking,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        self._storage, self._compute, self._tracking = storage, compute, tracking
        self.url = foundation.url(API_SERVER)
        self._public_url = public_url(self.plan, API_SERVER) or self.url
        self._secrets = foundation.secrets("orchestration", airflow_settings.SECRET_KINDS, self)
        self._programs = AirflowPrograms(foundation, storage)
        self._documents = {
            f"{DAG_ID}.py": DAG.read_text(encoding="utf-8"),
            **self._programs.documents(self.objects.placement),
        }
        self._given = [*self._handed_over(), *self._granted()]
        needs = [self._set_up(), *self._given, *self._beside()]
        self._start([*needs, *storage.ready])
        self._maintain(needs)
        self.publish(self._capability())

    def _start(self, needs: list[pulumi.Resource]) -> None:
        """The API server first: the others call it until they have stopped."""
        scaled = self.foundation.settings.api_server_autoscaling
        server = self._deployment(API_SERVER, needs, replicas=None if scaled else 1)
        if scaled:
            self.objects.autoscaler(API_SERVER, scaled, [server])
        address = self.objects.service(API_SERVER)
        expose(self.objects, self.plan, API_SERVER, [server, address])
        guards = [guard for name in (TASK, WORKLOAD) for guard in self.foundation.guards[name]]
        launched = [*guards, *self._tracking.ready]
        for name in (SCHEDULER, DAG_PROCESSOR, TRIGGERER):
            more = launched if name == SCHEDULER else []
            self._deployment(name, [*needs, server, address, *more])

    def _beside(self) -> list[pulumi.Resource]:
        """The pool and the metrics, if they are asked for."""
        settings, database = self.foundation.settings, self.foundation.database
        made: list[pulumi.Resource] = []
        if settings.pg_bouncer:
            url = database.url("airflow", "airflow", "psycopg2")
            made += pgbouncer.pool(self.objects, self.foundation, settings.pg_bouncer, url)
        if settings.statsd:
            made += statsd.exporter(self.objects, self.foundation)
        return made

    def _maintain(self, needs: list[pulumi.Resource]) -> None:
        """Pods that a killed scheduler left, every quarter of an hour; old runs, every week."""
        cleanup, clean = self._programs.pod_cleanup(), self._programs.database_cleanup()
        self.objects.cron_job(cleanup, "*/15 * * * *", needs=self._given)
        self.objects.cron_job(clean, "30 3 * * 0", needs=needs)

    def _capability(self) -> Capability[pulumi.Input[str]]:
        health = f"{self.url}/api/v2/monitor/health"
        return Capability(
            uri=self.url,
            console=self._public_url,
            environment={"AIRFLOW_API_URL": f"{self.url}/api/v2"},
            secrets={
                "AIRFLOW_USERNAME": pulumi.Output.secret(RUNNER),
                "AIRFLOW_PASSWORD": self._secrets[RUNNER],
            },
            login={"username": ADMIN, "password": self._secrets[ADMIN]},
            submit={"kind": "airflow-api", "dag": DAG_ID},
            probes=[
                *self.foundation.database.probes,
                Probe(service=API_SERVER, kind="http", address=f"{self.url}/execution/health"),
                *(
                    Probe(service=name, kind="airflow", address=health)
                    for name in (SCHEDULER, DAG_PROCESSOR, TRIGGERER)
                ),
            ],
        )

    def _handed_over(self) -> list[pulumi.Resource]:
        """Settings, secrets and files, each known to the pods that need it only."""
        known = {name: self._secrets[name] for name in airflow_settings.SECRET_KINDS}
        direct, urls = self._database_urls()
        connection = airflow_settings.log_connection(*self._storage.client("logs"))
        accounts = dag_delivery.accounts(self.foundation.settings.dags)
        logs = {airflow_settings.LOG_VARIABLE: pulumi.Output.json_dumps(connection)}
        return [
            self.objects.config_map(SETTINGS, self._settings()),
            self.objects.config_map(FILES, self._documents),
            *(self.objects.config_map(ACCOUNTS, found) for found in [accounts] if found),
            self.objects.secret(SECRETS, airflow_settings.secret_settings(known, *urls)),
            *(
                self.objects.secret(DIRECT, airflow_settings.database_urls(*each))
                for each in direct
            ),
            self.objects.secret(TASK_SECRETS, logs),
            self.objects.secret(WORKLOAD, self._workload_variables()),
        ]

    def _database_urls(self) -> tuple[list[Urls], Urls]:
        """Those past the pool, if there is one, and those that Airflow's processes use."""
        database = self.foundation.database
        urls = [database.url("airflow", "airflow", driver) for driver in ("psycopg2", "asyncpg")]
        if not self.foundation.settings.pg_bouncer:
            return [], urls
        host = f"{PGBOUNCER}.{self.foundation.namespace_name}.svc"
        return [urls], [
            url.apply(lambda known: pgbouncer.through_pool(known, host)) for url in urls
        ]

    def _granted(self) -> list[pulumi.Resource]:
        return [self.objects.grant(component, rules) for component, rules in GRANTS.items()]

    def _workload_variables(self) -> dict[str, pulumi.Input[str]]:
        variables: dict[str, pulumi.Input[str]] = {}
        for capability in (self._storage.outputs, self._compute.outputs, self._tracking.outputs):
            variables |= {**capability.environment, **capability.secrets}
        return variables

    def _set_up(self) -> pulumi.Resource:
        known = {name: self._secrets[name] for name in airflow_settings.SECRET_KINDS}
        users = pulumi.Output.json_dumps(airflow_settings.users(known))
        script = self.objects.config_map(
            SETUP_JOB, {"setup.py": airflow_settings.SETUP.read_text()}
        )
        listed = self.objects.secret(SETUP_JOB, {"users.json": users})
        needs = [*self.foundation.database.ready, *self._given, script, listed]
        return self.objects.job(self._programs.set_up(), needs=needs, annotations=self._marks())

    def _deployment(
        self, name: str, needs: list[pulumi.Resource], replicas: int | None = 1
    ) -> pulumi.Resource:
        program, marks = self._programs.process(name), self._marks()
        return self.objects.deployment(program, replicas=replicas, needs=needs, annotations=marks)

    def _marks(self) -> Mapping[str, Any]:
        """What changes when a pod must start anew: it reads all of this at its start."""
        pooled = self.foundation.settings.pg_bouncer is not None
        return {
            "settings": digest([self._settings(), self._documents, pooled]),
            "secrets": self._secrets.revision,
            **self.foundation.database.marks,
        }

    def _settings(self) -> dict[str, str]:
        common = airflow_settings.settings(
            parallelism=self.plan.parallelism,
            api_url=self.url,
            base_url=self._public_url,
            logs_uri=self._storage.uri("logs"),
        )
        own = {
            "CORE__EXECUTOR": "KubernetesExecutor",
            "CORE__DAGS_FOLDER": DAGS,
            "API__PORT": str(PORTS[API_SERVER]),
            "KUBERNETES_EXECUTOR__NAMESPACE": self.foundation.namespace_name,
            "KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE": f"{CONFIG}/{TASK_FILE}",
            "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(HEALTH_PORT),
        }
        own |= dag_delivery.settings(self.foundation.settings.dags)
        own |= statsd.settings(self.foundation)
        return {**common, **airflow_settings.variables(own), "AIRFLOW_HOME": "/tmp/airflow"}  # noqa: S108
