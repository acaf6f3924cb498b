"""Orchestration on Kubernetes: Airflow with a pod for each task, and its logs in a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.services import workload
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
    DAG_SECRETS,
    DAGS,
    DATABASE_SECRETS,
    FILES,
    HEALTH_PORT,
    PARSER_SECRETS,
    SECRETS,
    SETTINGS,
    TASK_FILE,
    TASK_SECRETS,
    AirflowPrograms,
)
from pilothouse.targets.kubernetes.components.base import KubernetesComponent
from pilothouse.targets.kubernetes.components.dag_delivery import ACCOUNTS
from pilothouse.targets.kubernetes.components.exposure import expose
from pilothouse.targets.kubernetes.components.oidc_client import OidcClient
from pilothouse.targets.kubernetes.objects import dag_packages
from pilothouse.targets.kubernetes.objects.builder import digest
from pilothouse.targets.kubernetes.objects.public_hosts import public_url
from pilothouse.targets.kubernetes.objects.rbac import AIRFLOW_RULES
from pilothouse.targets.kubernetes.settings.component_table import PGBOUNCER, PORTS, TASK, WORKLOAD

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.compute import KubernetesCompute
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage
    from pilothouse.targets.kubernetes.components.tracking import KubernetesTracking

Urls = list[pulumi.Output[str]]


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
        self._public_url = public_url(self.plan, API_SERVER)
        self._secrets = foundation.secrets("orchestration", airflow_settings.SECRET_KINDS, self)
        self._oidc = OidcClient.of(foundation.plan, API_SERVER)
        self._programs = AirflowPrograms(foundation, storage, self._oidc)
        self._files = {
            **self._programs.dag_files(),
            **self._programs.pod_template_files(self.objects.pod_templates),
        }
        self._configuration = [*self._create_configuration(), *self._create_roles()]
        needs = [self._create_setup_job(), *self._configuration, *self._create_optional_services()]
        self._create_processes([*needs, *storage.ready])
        self._create_cleanup_jobs(needs)
        self.publish(self._capability())

    def _create_processes(self, needs: list[pulumi.Resource]) -> None:
        """The API server is created first and deleted last: the other processes call it."""
        autoscaling = self.foundation.settings.api_server_autoscaling
        server = self._deployment(API_SERVER, needs, replicas=None if autoscaling else 1)
        if autoscaling:
            self.objects.autoscaler(API_SERVER, autoscaling, [server])
        service = self.objects.service(API_SERVER)
        expose(self.objects, self.plan, API_SERVER, [server, service])
        prerequisites = self.foundation.prerequisites
        for_tasks = [*prerequisites[TASK], *prerequisites[WORKLOAD], *self._tracking.ready]
        for name in (SCHEDULER, DAG_PROCESSOR, TRIGGERER):
            more = for_tasks if name == SCHEDULER else []
            self._deployment(name, [*needs, server, service, *more])

    def _create_optional_services(self) -> list[pulumi.Resource]:
        """Create PgBouncer and the StatsD exporter, if the settings have them."""
        settings, database = self.foundation.settings, self.foundation.database
        services: list[pulumi.Resource] = []
        if settings.pg_bouncer:
            url = database.url("airflow", "airflow", "psycopg2")
            services += pgbouncer.create_pool(
                self.objects, self.foundation, settings.pg_bouncer, url
            )
        if settings.statsd:
            services += statsd.create_exporter(self.objects, self.foundation)
        return services

    def _create_cleanup_jobs(self, needs: list[pulumi.Resource]) -> None:
        """Delete left pods every quarter of an hour, and old runs every week."""
        pods, runs = self._programs.pod_cleanup(), self._programs.database_cleanup()
        self.objects.cron_job(pods, "*/15 * * * *", depends_on=self._configuration)
        self.objects.cron_job(runs, "30 3 * * 0", depends_on=needs)

    def _capability(self) -> Capability[pulumi.Input[str]]:
        health = f"{self.url}/api/v2/monitor/health"
        return Capability(
            uri=self.url,
            console=self._public_url or self.url,
            environment={"AIRFLOW_API_URL": f"{self.url}/api/v2"},
            secrets={
                "AIRFLOW_USERNAME": pulumi.Output.secret(RUNNER),
                "AIRFLOW_PASSWORD": self._secrets[RUNNER],
            },
            login={"username": ADMIN, "password": self._secrets[ADMIN]},
            people=self.foundation.people_passwords(),
            submit={
                "kind": "airflow-api",
                "dag": DAG_ID,
                **workload.submission(self.plan.platform.workload),
            },
            probes=[
                *self.foundation.database.probes,
                Probe(service=API_SERVER, kind="http", address=f"{self.url}/execution/health"),
                *(
                    Probe(service=name, kind="airflow", address=health)
                    for name in (SCHEDULER, DAG_PROCESSOR, TRIGGERER)
                ),
            ],
        )

    def _create_configuration(self) -> list[pulumi.Resource]:
        """Create ConfigMaps and Secrets, which are mounted only in the pods that need them."""
        values = {name: self._secrets[name] for name in airflow_settings.SECRET_KINDS}
        direct, urls = self._database_urls()
        bucket = self._storage.access("logs")
        connection = airflow_settings.bucket_connection(bucket.environment, bucket.keys)
        accounts = dag_delivery.accounts(self.foundation.settings.dags)
        logs = {airflow_settings.LOG_VARIABLE: pulumi.Output.json_dumps(connection)}
        return [
            self.objects.config_map(SETTINGS, self._settings()),
            self.objects.config_map(FILES, self._files),
            *self._oidc.create(self.objects),
            *([self.objects.config_map(ACCOUNTS, accounts)] if accounts else []),
            self.objects.secret(SECRETS, airflow_settings.secret_settings(values, *urls)),
            self.objects.secret(
                PARSER_SECRETS, _configuration(airflow_settings.parser_settings(values, *urls))
            ),
            *(
                self.objects.secret(DATABASE_SECRETS, airflow_settings.database_urls(*pair))
                for pair in direct
            ),
            self.objects.secret(TASK_SECRETS, logs),
            *self._create_dag_secret(),
            self.objects.secret(WORKLOAD, self._workload_variables()),
        ]

    def _create_dag_secret(self) -> list[pulumi.Resource]:
        """Create the Secret by which pods have DAGs, and their packages, from the bucket."""
        if not self._programs.team_dags and not self._programs.packages:
            return []
        bucket = self._storage.access("data")
        connection = airflow_settings.bucket_connection(bucket.environment, bucket.keys)
        variables = {airflow_settings.DAG_VARIABLE: pulumi.Output.json_dumps(connection)}
        return [self.objects.secret(DAG_SECRETS, variables)]

    def _database_urls(self) -> tuple[list[Urls], Urls]:
        """The URLs that bypass the pool, if there is one, and those of Airflow's processes."""
        database = self.foundation.database
        urls = [database.url("airflow", "airflow", driver) for driver in ("psycopg2", "asyncpg")]
        if not self.foundation.settings.pg_bouncer:
            return [], urls
        host = f"{PGBOUNCER}.{self.foundation.namespace_name}.svc"
        return [urls], [
            url.apply(lambda value: pgbouncer.through_pool(value, host)) for url in urls
        ]

    def _create_roles(self) -> list[pulumi.Resource]:
        return [self.objects.role(component, rules) for component, rules in AIRFLOW_RULES.items()]

    def _workload_variables(self) -> dict[str, pulumi.Input[str]]:
        variables: dict[str, pulumi.Input[str]] = {}
        for capability in (self._storage.outputs, self._compute.outputs, self._tracking.outputs):
            variables |= {**capability.environment, **capability.secrets}
        return variables

    def _create_setup_job(self) -> pulumi.Resource:
        values = {name: self._secrets[name] for name in airflow_settings.SECRET_KINDS}
        accounts = airflow_settings.accounts(
            values,
            self.plan.platform.access.roles,
            self.foundation.people_passwords(),
            oidc=self._oidc.is_there,
        )
        script = self.objects.config_map(
            SETUP_JOB, {"setup.py": airflow_settings.SETUP.read_text()}
        )
        user_list = self.objects.secret(
            SETUP_JOB, {"users.json": pulumi.Output.json_dumps(accounts)}
        )
        needs = [*self.foundation.database.ready, *self._configuration, script, user_list]
        annotations = {**self._annotations(), **self.foundation.people_annotations()}
        return self.objects.job(
            self._programs.setup_job(), depends_on=needs, annotations=annotations
        )

    def _deployment(
        self, name: str, needs: list[pulumi.Resource], replicas: int | None = 1
    ) -> pulumi.Resource:
        program = self._programs.process(name)
        return self.objects.deployment(
            program,
            replicas=replicas,
            depends_on=needs,
            # Its init container waits for what is in the bucket only after the engine has ended.
            awaited=not (self._programs.packages and name in dag_packages.USERS),
            annotations={
                **self._annotations(),
                **(self._oidc.annotations if name == API_SERVER else {}),
            },
        )

    def _annotations(self) -> Mapping[str, Any]:
        """Pod annotations that change with what a pod reads at its start, so that it restarts."""
        pooled = self.foundation.settings.pg_bouncer is not None
        return {
            "settings": digest([self._settings(), self._files, pooled]),
            "secrets": self._secrets.revision,
            **self.foundation.database.annotations,
        }

    def _settings(self) -> dict[str, str]:
        common = airflow_settings.settings(
            parallelism=self.plan.parallelism,
            api_url=self.url,
            base_url=self._public_url or airflow_settings.ANY_ADDRESS,
            logs_uri=self._storage.access("logs").uri,
        )
        target = {
            "CORE__EXECUTOR": "KubernetesExecutor",
            "CORE__DAGS_FOLDER": DAGS,
            "API__PORT": str(PORTS[API_SERVER]),
            "KUBERNETES_EXECUTOR__NAMESPACE": self.foundation.namespace_name,
            "KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE": f"{CONFIG}/{TASK_FILE}",
            "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(HEALTH_PORT),
        }
        bucket = self._storage.access("data").bucket if self._programs.team_dags else ""
        target |= dag_delivery.settings(self.foundation.settings.dags, bucket)
        target |= statsd.settings(self.foundation)
        return {**common, **airflow_settings.variables(target), "AIRFLOW_HOME": "/tmp/airflow"}  # noqa: S108


def _configuration(
    settings: Mapping[str, pulumi.Output[str]],
) -> dict[str, pulumi.Output[str]]:
    """The file `airflow.cfg` with these settings, by its name."""
    text = pulumi.Output.all(**settings).apply(airflow_settings.configuration_file)
    return {airflow_settings.CONFIGURATION_FILE: text}
