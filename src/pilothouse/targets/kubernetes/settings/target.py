"""The settings of the `kubernetes` target, under `pilothouse:kubernetes` in the stack file."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from pilothouse.config.quantities import Duration
from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.plan import Plan
from pilothouse.services.airflow.settings import API_SERVER
from pilothouse.targets.kubernetes.settings import (
    component_table,
    external_objects,
    oidc,
    team_dags,
)
from pilothouse.targets.kubernetes.settings.airflow import Autoscaling, PgBouncer, Statsd
from pilothouse.targets.kubernetes.settings.base import LABEL, Destination
from pilothouse.targets.kubernetes.settings.cluster import ApiServer, ClusterDns
from pilothouse.targets.kubernetes.settings.component_table import (
    BUCKET_CLIENTS,
    DAG_READERS,
    GIT_SYNC,
    MLFLOW,
    PGBOUNCER,
    POSTGRES,
    POSTGRES_COMPONENTS,
    SEAWEEDFS,
    SEAWEEDFS_COMPONENTS,
)
from pilothouse.targets.kubernetes.settings.cost import CostSettings
from pilothouse.targets.kubernetes.settings.dags import DagSettings
from pilothouse.targets.kubernetes.settings.database import Backups, DatabaseSettings
from pilothouse.targets.kubernetes.settings.exposure import ExposureSettings
from pilothouse.targets.kubernetes.settings.external_objects import ExternalObject
from pilothouse.targets.kubernetes.settings.images import Images, all_roles
from pilothouse.targets.kubernetes.settings.network import NetworkSettings
from pilothouse.targets.kubernetes.settings.network_variables import check_unset
from pilothouse.targets.kubernetes.settings.oidc import OidcSettings
from pilothouse.targets.kubernetes.settings.pods import (
    Components,
    ComponentSettings,
    GpuSettings,
    PodSettings,
)
from pilothouse.targets.kubernetes.settings.store import ROLE_ANNOTATION, ObjectStore
from pilothouse.targets.kubernetes.settings.workload import WorkloadSettings

LONGEST_HOST = 253 - len("airflow.")


def _check_not_reserved(name: str) -> str:
    if name.startswith("kube-") or name == "default":
        remedy = "name one that is this stack's alone"
        raise refusal(found=shown(name), remedy=f"{remedy}: it is deleted with the stack")
    return name


class KubernetesSettings(PodSettings):
    """The cluster of a stack, and what the stack uses there.

    The kubeconfig is the one that kubectl would use: `KUBECONFIG`, then `~/.kube/config`.
    """

    context: str | None = Field(
        default=None,
        min_length=1,
        description="The context of the kubeconfig. By default its current context.",
    )
    namespace: Annotated[str, AfterValidator(_check_not_reserved)] | None = Field(
        default=None,
        pattern=LABEL,
        description="The stack's own namespace, which is created and deleted with the stack. "
        "By default its name is derived from the names of the platform and the stack.",
    )
    namespace_exists: bool = Field(
        default=False,
        description="Whether you created the namespace yourself, for this stack alone, with the "
        "objects that other settings name. It is then managed, and deleted, with the stack.",
    )
    storage_class: str | None = Field(
        default=None,
        min_length=1,
        description="The StorageClass of the volumes. By default the cluster's default class.",
    )
    images: Images = Field(
        default_factory=dict,
        description=f"Images in place of those of images.yaml, by role: {', '.join(all_roles())}.",
    )
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] = Field(
        default="IfNotPresent", description="When a node pulls an image."
    )
    image_pull_secrets: list[str] = Field(
        default_factory=list,
        description="Secrets of the namespace with the credentials of image registries.",
    )
    backups: Backups = Field(
        default_factory=Backups, description="The backups of the stack's own databases."
    )
    database: DatabaseSettings | None = Field(
        default=None,
        description="An external PostgreSQL in place of the stack's own. The stack does not back "
        "it up.",
    )
    object_store: ObjectStore | None = Field(
        default=None,
        description="An external S3 store with existing buckets, in place of the stack's own.",
    )
    gpu: GpuSettings = Field(
        default_factory=GpuSettings, description="The GPUs of the cluster's nodes."
    )
    cluster_dns: ClusterDns = Field(
        default_factory=ClusterDns, description="The cluster's DNS, for the network policies."
    )
    api_server: ApiServer | None = Field(
        default=None,
        description="The API server of the cluster, for the network policies. By default pods "
        "that call it may connect to ports 443 and 6443 of any address.",
    )
    assigned_uids: bool = Field(
        default=False,
        description="Whether the cluster assigns the user and the group of volumes to pods and "
        "adds that user to /etc/passwd, as OpenShift does. Pods then name none, and run in the "
        "group of the image.",
    )
    cost: CostSettings = Field(
        default_factory=CostSettings, description="The cluster's prices, for the estimate of costs."
    )
    ready_timeout: Duration = Field(
        default="5m",
        description="How long an `up` waits until a workload is ready or a Job has completed, "
        "with the pull of its image.",
    )
    network: NetworkSettings = Field(
        default_factory=NetworkSettings,
        description="The network around the cluster, for every container of the stack.",
    )
    components: Components = Field(
        default_factory=dict, description="Settings for the pods of one component, by its name."
    )
    exposure: ExposureSettings | None = Field(
        default=None,
        description="How the consoles are exposed, which a platform with "
        "`access.exposure: public` requires. By default nothing is exposed outside the cluster.",
    )
    oidc: OidcSettings | None = Field(
        default=None,
        description="The stack's client at the provider of `access.oidc`, which requires it.",
    )
    dags: DagSettings = Field(
        default_factory=DagSettings,
        description="Sources of more DAGs. The workload's own DAG is always deployed.",
    )
    workload: WorkloadSettings = Field(
        default_factory=WorkloadSettings, description="The team's workload in the cluster."
    )
    pg_bouncer: PgBouncer | None = Field(
        default=None, description="A connection pool for Airflow. By default there is none."
    )
    statsd: Statsd | None = Field(
        default=None, description="An exporter of Airflow's metrics. By default there is none."
    )
    api_server_autoscaling: Autoscaling | None = Field(
        default=None,
        description="Autoscaling of Airflow's API server. By default it has one replica.",
    )

    @model_validator(mode="after")
    def _check_exposure(self, info: ValidationInfo) -> Self:
        platform = (info.context or {}).get("platform")
        host = platform.access.host if platform else ""
        if host and self.exposure is None:
            raise refusal(
                key="exposure",
                found="nothing, with access.exposure: public in platform.yaml",
                remedy="say how it is served: add `exposure` with `ingress` or `gateway`, and "
                "`controller`; or set private and remove access.host",
            )
        if len(host) > LONGEST_HOST and not (self.exposure and self.exposure.hosts):
            raise refusal(
                key="exposure",
                found=f"a host of {len(host)} characters in platform.yaml",
                remedy=f"choose an access.host of up to {LONGEST_HOST}: each console has a name "
                "of its own below it; or name both as exposure.hosts",
            )
        return self

    @model_validator(mode="after")
    def _check_pgbouncer_database(self) -> Self:
        if self.database and self.pg_bouncer:
            remedy = "remove it, or database: name a pool of your own as database.host"
            raise refusal(key="pgBouncer", found="a pool of an external database", remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_backup_bucket(self) -> Self:
        store = self.object_store
        if store and not store.buckets.backups and not self.database:
            remedy = "add it: the stack's own database is backed up there"
            raise refusal(key="objectStore.buckets.backups", found="nothing", remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_component_names(self) -> Self:
        names = self.component_names()
        for name in self.components:
            if name not in names:
                raise refusal(
                    key=("components", name),
                    found="settings of a component that this stack does not have",
                    remedy=f"remove them, or what takes it away; it has: {', '.join(names)}",
                )
        return self

    @model_validator(mode="after")
    def _check_network_variables(self) -> Self:
        check_unset(self.network, self, self.components)
        return self

    @model_validator(mode="after")
    def _check_git_egress(self) -> Self:
        git = self.dags.git_sync
        if git and git.egress is None and not self.network.proxies(git.repository):
            remedy = "add the address of the git server: no network policy lets pods connect to it"
            raise refusal(key=("dags", "gitSync", "egress"), found="nothing", remedy=remedy)
        return self

    @model_validator(mode="after")
    def _check_oidc(self, info: ValidationInfo) -> Self:
        platform = (info.context or {}).get("platform")
        if platform and platform.access.oidc:
            oidc.check(platform.access.oidc, self.oidc, self.network)
        return self

    @model_validator(mode="after")
    def _check_team_dags(self, info: ValidationInfo) -> Self:
        platform = (info.context or {}).get("platform")
        if platform:
            team_dags.check(platform, self.object_store)
        return self

    @model_validator(mode="after")
    def _check_namespace_exists(self) -> Self:
        objects = [] if self.namespace_exists else self.external_objects()
        if objects:
            listed = ", ".join(f"{item.kind} {item.name} ({item.setting})" for item in objects)
            raise refusal(
                key="namespaceExists",
                found=f"nothing, with objects of your own that are named: {listed}",
                remedy="create the namespace for this stack alone, put them into it, and add "
                "`namespaceExists: true`",
            )
        return self

    def has_volumes(self) -> bool:
        """Whether the stack has volumes in the cluster."""
        return self.database is None or self.object_store is None

    def unused_image_roles(self) -> set[str]:
        """The roles whose images the stack does not run."""
        running = {
            GIT_SYNC: self.dags.git_sync is not None,
            PGBOUNCER: self.pg_bouncer is not None,
            POSTGRES: self.database is None,
            SEAWEEDFS: self.object_store is None,
            "statsd": self.statsd is not None,
        }
        return {role for role, runs in running.items() if not runs}

    def external_objects(self) -> list[ExternalObject]:
        """The objects in the namespace that these settings name and the stack does not create.

        The Secret of an Ingress' certificate is none of them: its issuer may create it after the
        Ingress.
        """
        return external_objects.merge(self._external_objects())

    def _external_objects(self) -> Iterator[ExternalObject]:
        if self.database:
            yield from external_objects.of_database(self.database)
        if self.object_store:
            with_backups = self.database is None
            yield from external_objects.of_store(self.object_store, with_backups=with_backups)
        yield from external_objects.of_workload(self.workload)
        if self.dags.git_sync:
            yield from external_objects.of_git(self.dags.git_sync)
        if self.oidc:
            yield from external_objects.of_oidc(self.oidc)
        yield from external_objects.of_network(self.network)
        yield from external_objects.of_registries(self.image_pull_secrets)
        yield from external_objects.of_components(self.components)

    def allowed_connections(self, *, dags_in_bucket: bool = False) -> Mapping[str, tuple[str, ...]]:
        """The servers that each client connects to."""
        return component_table.allowed_connections(
            pg_bouncer=self.pg_bouncer is not None,
            statsd=self.statsd is not None,
            dags_in_bucket=dags_in_bucket,
        )

    def component_names(self) -> list[str]:
        """The components of the stack, by the label of their pods."""
        absent = {
            *(POSTGRES_COMPONENTS if self.database else ()),
            *(SEAWEEDFS_COMPONENTS if self.object_store else ()),
        }
        return sorted({POSTGRES, SEAWEEDFS, *self.allowed_connections()} - absent)

    def egress_of(self, component: str) -> list[Destination]:
        """The destinations outside the namespace that a component's pods connect to."""
        git = self.dags.git_sync
        git_servers = [git.egress] if git and git.egress and component in DAG_READERS else []
        providers = self.oidc.egress if self.oidc and component in (API_SERVER, MLFLOW) else []
        return [*git_servers, *providers, *self.network.egress, *self.pods_of(component).egress]

    def direct_urls(self) -> list[str]:
        """The URLs outside the namespace to whose addresses the policies let pods connect."""
        git, index = self.dags.git_sync, self.network.package_index
        urls = [
            self.object_store.endpoint if self.object_store else None,
            git.repository if git and git.egress and not git.by_ssh else None,
            index.url if index and index.cidr else None,
        ]
        return [url for url in urls if url]

    def account_annotations(self, component: str) -> Mapping[str, str]:
        """The annotations of a component's service account; those of `components` win."""
        store = self.object_store
        of_store = store.account_annotations(component) if store else {}
        return {**of_store, **self.pods_of(component).service_account_annotations}

    def unused_roles(self) -> list[str]:
        """The components whose account has a role that keys of the object store go before."""
        store = self.object_store
        if store is None or store.secret is None:
            return []
        clients = {client for users in BUCKET_CLIENTS.values() for client in users}
        return sorted(
            name
            for name, settings in self.components.items()
            if name in clients and ROLE_ANNOTATION in settings.service_account_annotations
        )

    def pods_of(self, component: str) -> ComponentSettings:
        """The settings of a component's pods, merged over those of all pods."""
        return self.components.get(component, ComponentSettings()).over(self)


KubernetesPlan = Plan[KubernetesSettings]
"""A plan with the settings of this target."""
