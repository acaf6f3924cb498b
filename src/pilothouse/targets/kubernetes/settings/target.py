"""The `kubernetes` target's own settings, under `pilothouse:kubernetes` in the stack file."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.targets.kubernetes.objects import network_policies
from pilothouse.targets.kubernetes.objects.network_policies import (
    DAG_READERS,
    GIT_SYNC,
    PGBOUNCER,
    POSTGRES,
    SEAWEEDFS,
)
from pilothouse.targets.kubernetes.settings import external_objects
from pilothouse.targets.kubernetes.settings.airflow import Autoscaling, PgBouncer, Statsd
from pilothouse.targets.kubernetes.settings.base import LABEL, Destination, Network, Port
from pilothouse.targets.kubernetes.settings.dags import DagSettings
from pilothouse.targets.kubernetes.settings.exposure import ExposureSettings
from pilothouse.targets.kubernetes.settings.pods import Components, ComponentSettings, PodSettings
from pilothouse.targets.kubernetes.settings.store import SUBDOMAIN, ObjectStore

Role = Literal[
    "postgres", "seaweedfs", "mlflow", "airflow", "workload", "git-sync", "pgbouncer", "statsd"
]

_SUBDOMAIN = rf"^{SUBDOMAIN}$"
_FIELD = r"[0-9A-Za-z*,/-]+"
_SCHEDULE = rf"^({_FIELD}( {_FIELD}){{4}}|@(hourly|daily|weekly|monthly|yearly))$"
LONGEST_HOST = 253 - len("airflow.")

_DIGEST = "@sha256:[0-9a-f]{64}"
_REFERENCE = rf"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?(:[\w.-]+({_DIGEST})?|{_DIGEST})$"


def _not_reserved(name: str) -> str:
    if name.startswith("kube-") or name == "default":
        remedy = "name one that is this stack's alone"
        raise refusal(found=shown(name), remedy=f"{remedy}: it goes when the stack goes")
    return name


Reference = Annotated[
    str,
    StringConstraints(pattern=_REFERENCE, max_length=500),
    Field(json_schema_extra=rule("an image with its tag, its digest or both, in lower case")),
]


class ClusterDns(Section):
    """Where the cluster's DNS runs, for the policies that let pods ask it."""

    namespace: str = Field(default="kube-system", pattern=LABEL, description="Its namespace.")
    pod_labels: dict[str, str] = Field(
        default={"k8s-app": "kube-dns"}, description="The labels of its pods."
    )
    port: Port = Field(default=53, description="The port of its pods, not of its service.")


class ApiServer(Section):
    """Where the cluster's API is, for the policies of what calls it."""

    cidr: Network = Field(
        description="The network of the API server's own addresses, not of its service."
    )
    port: Port = Field(default=6443, description="The port that it listens on.")


class Backups(Section):
    """How often the databases are dumped into their bucket, and what is kept of that."""

    enabled: bool = Field(
        default=True,
        description="Whether they are. What is there already can be restored either way.",
    )
    schedule: str = Field(
        default="0 2 * * *",
        pattern=_SCHEDULE,
        json_schema_extra=rule("five fields as cron has them, or @daily"),
        description="When, in cron's words and in the time zone of the cluster's controllers.",
    )
    keep: int = Field(
        default=7, ge=1, le=1000, description="How many are kept; older ones are removed."
    )


class DatabaseSettings(Section):
    """A PostgreSQL that is there already, with the roles and databases of the applications.

    The role `airflow` owns the database `airflow`; `mlflow` owns `mlflow` and `mlflow_auth`.
    """

    host: str = Field(pattern=_SUBDOMAIN, max_length=253, description="Its name or its address.")
    port: Port = Field(default=5432, description="The port that it listens on.")
    cidr: Network = Field(description="The network of its addresses: policies know no names.")
    secret: str = Field(
        pattern=_SUBDOMAIN,
        max_length=253,
        description="The Secret of the stack's namespace whose keys `airflow` and `mlflow` are "
        "the passwords of these roles.",
    )
    ssl_mode: Literal["disable", "prefer", "require"] = Field(
        default="require",
        description="Whether it is spoken to over TLS. Its certificate is not checked.",
    )


class KubernetesSettings(PodSettings):
    """Which cluster a stack is on, and what differs there.

    The kubeconfig is the one that kubectl would use: `KUBECONFIG`, then `~/.kube/config`.
    """

    context: str | None = Field(
        default=None,
        min_length=1,
        description="The context of the kubeconfig. By default its current one.",
    )
    namespace: Annotated[str, AfterValidator(_not_reserved)] | None = Field(
        default=None,
        pattern=LABEL,
        description="The stack's own namespace, which is made and removed with it. "
        "By default a name that follows from the names of the platform and the stack.",
    )
    namespace_exists: bool = Field(
        default=False,
        description="Whether you made the namespace yourself, for this stack alone: it has what "
        "the settings name of yours. It is taken over, and goes with the stack all the same.",
    )
    storage_class: str | None = Field(
        default=None,
        min_length=1,
        description="The StorageClass of the volumes. By default the cluster's default one.",
    )
    images: dict[Role, Reference] = Field(
        default_factory=dict,
        description="Images in place of those of images.yaml, by role: "
        "postgres, seaweedfs, mlflow, airflow, workload, git-sync, pgbouncer, statsd.",
    )
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] = Field(
        default="IfNotPresent", description="When a node pulls an image."
    )
    image_pull_secrets: list[str] = Field(
        default_factory=list, description="Secrets of the namespace that open a registry."
    )
    backups: Backups = Field(
        default_factory=Backups, description="How the databases are backed up."
    )
    database: DatabaseSettings | None = Field(
        default=None,
        description="A PostgreSQL in place of one of the stack's own. It is not backed up here.",
    )
    object_store: ObjectStore | None = Field(
        default=None,
        description="An S3 store in place of one of the stack's own, with buckets that are there.",
    )
    cluster_dns: ClusterDns = Field(
        default_factory=ClusterDns, description="Where the cluster's DNS runs."
    )
    api_server: ApiServer | None = Field(
        default=None,
        description="Where the cluster's API is. By default pods that call it reach ports 443 and "
        "6443 of any address.",
    )
    components: Components = Field(
        default_factory=dict, description="What differs for one component's pods, by its name."
    )
    exposure: ExposureSettings | None = Field(
        default=None,
        description="How consoles are served, which a platform with `access.exposure: public` "
        "needs. By default nothing is served outside of the cluster.",
    )
    dags: DagSettings = Field(
        default_factory=DagSettings,
        description="Where more DAGs come from. The workload's own is always there.",
    )
    pg_bouncer: PgBouncer | None = Field(
        default=None, description="A pool of connections for Airflow. By default there is none."
    )
    statsd: Statsd | None = Field(
        default=None, description="Airflow's metrics. By default there are none."
    )
    api_server_autoscaling: Autoscaling | None = Field(
        default=None, description="How many API servers Airflow has. By default one."
    )

    @model_validator(mode="after")
    def _says_how_a_public_platform_is_served(self, info: ValidationInfo) -> Self:
        platform = (info.context or {}).get("platform")
        host = platform.access.host if platform else ""
        if host and self.exposure is None:
            raise refusal(
                key="exposure",
                found="nothing, with access.exposure: public in platform.yaml",
                remedy="say how it is served: add `exposure` with `ingress` or `gateway`, and "
                "`controller`; or set private and remove access.host",
            )
        if len(host) > LONGEST_HOST:
            raise refusal(
                key="exposure",
                found=f"a host of {len(host)} characters in platform.yaml",
                remedy=f"choose an access.host of up to {LONGEST_HOST}: each console has a name "
                "of its own below it",
            )
        return self

    @model_validator(mode="after")
    def _pools_what_it_knows_the_password_of(self) -> Self:
        if self.database and self.pg_bouncer:
            remedy = "remove it, or database: a pool of your own is named as database.host"
            raise refusal(key="pgBouncer", found="a pool of a database outside", remedy=remedy)
        return self

    @model_validator(mode="after")
    def _has_a_bucket_for_its_backups(self) -> Self:
        store = self.object_store
        if store and not store.buckets.backups and not self.database:
            remedy = "add it: the stack's own database is backed up there"
            raise refusal(key="objectStore.buckets.backups", found="nothing", remedy=remedy)
        return self

    @model_validator(mode="after")
    def _says_things_of_components_that_there_are(self) -> Self:
        known = network_policies.components(self)
        for name in self.components:
            if name not in known:
                raise refusal(
                    key=("components", name),
                    found="settings of a component that this stack does not have",
                    remedy=f"remove them, or what takes it away; it has: {', '.join(known)}",
                )
        return self

    @model_validator(mode="after")
    def _has_a_namespace_for_what_it_names(self) -> Self:
        theirs = [] if self.namespace_exists else external_objects.named(self)
        if theirs:
            listed = ", ".join(f"{each.kind} {each.name} ({each.where})" for each in theirs)
            raise refusal(
                key="namespaceExists",
                found=f"nothing, with objects of your own that are named: {listed}",
                remedy="make the namespace for this stack alone, put them into it, and add "
                "`namespaceExists: true`",
            )
        return self

    def has_volumes(self) -> bool:
        """Whether anything of the stack keeps data in the cluster."""
        return self.database is None or self.object_store is None

    def unused(self) -> set[str]:
        """The roles whose images nothing runs."""
        runs = {
            GIT_SYNC: self.dags.git_sync is not None,
            PGBOUNCER: self.pg_bouncer is not None,
            POSTGRES: self.database is None,
            SEAWEEDFS: self.object_store is None,
            "statsd": self.statsd is not None,
        }
        return {role for role, running in runs.items() if not running}

    def egress_of(self, component: str) -> list[Destination]:
        """What a component's pods call outside the namespace."""
        git = self.dags.git_sync
        own = [git.egress] if git and component in DAG_READERS else []
        return [*own, *self.pods_of(component).egress]

    def pods_of(self, component: str) -> ComponentSettings:
        """What is said of a component's pods, and of all."""
        return self.components.get(component, ComponentSettings()).over(self)
