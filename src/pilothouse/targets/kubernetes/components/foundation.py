"""What the capabilities stand on: the namespace, its limits and its policies, PostgreSQL."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_kubernetes import Provider
from pulumi_kubernetes.core.v1 import LimitRange, Namespace, ResourceQuota, ServiceAccount
from pulumi_kubernetes.networking.v1 import NetworkPolicy

from pilothouse.services.airflow.settings import API_SERVER
from pilothouse.targets.kubernetes.components import postgres
from pilothouse.targets.kubernetes.components.external_database import ExternalDatabase
from pilothouse.targets.kubernetes.components.secrets import Secrets
from pilothouse.targets.kubernetes.naming import labels, namespace_of
from pilothouse.targets.kubernetes.objects import network_policies
from pilothouse.targets.kubernetes.objects.builder import Objects
from pilothouse.targets.kubernetes.objects.network_policies import GIT_SYNC, MLFLOW
from pilothouse.targets.kubernetes.objects.pods import Placement
from pilothouse.targets.kubernetes.settings import images
from pilothouse.targets.kubernetes.settings.sizes import (
    MLFLOW_REPLICAS,
    SMALL,
    TASKS,
    Resources,
    resources,
)

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

POD_SECURITY = "pod-security.kubernetes.io"


class KubernetesFoundation(pulumi.ComponentResource):
    """The namespace, in which nothing may talk to anything unless it is said, and the database."""

    def __init__(self, name: str, plan: Plan, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("pilothouse:kubernetes:Foundation", name, None, opts)
        self.plan = plan
        self.settings: KubernetesSettings = plan.settings
        self.images = images.chosen(plan)
        self._warn_of_tags()
        self.labels = labels(plan)
        self._placement = Placement(labels=self.labels, settings=self.settings)
        # What a killed run made and did not record is taken over: the namespace is this stack's.
        self.provider = self._made_provider("cluster", upsert_existing_objects=True)
        self.namespace_name = namespace_of(plan)
        self._namespace = self._made_namespace()
        self.guards: Mapping[str, Sequence[pulumi.Resource]] = {}
        self.guards = self._guarded()
        self.database = self._database()
        self.register_outputs({"namespace": self.namespace_name})

    def url(self, component: str) -> str:
        """Where a component is, inside the cluster."""
        return f"http://{component}.{self.namespace_name}.svc:{network_policies.PORTS[component]}"

    def resources(self, component: str) -> Resources:
        """What a component gets on a platform of this size."""
        return resources(component, self.plan.size)

    def objects_of(self, parent: pulumi.Resource) -> Objects:
        """A maker of objects below `parent`."""
        return Objects(
            namespace=self._namespace.metadata["name"],
            placement=self._placement,
            parent=parent,
            provider=self.provider,
            guards=self.guards,
        )

    def secrets(self, name: str, kinds: Any, parent: pulumi.Resource) -> Secrets:
        """Secrets by name, of the given kinds."""
        return Secrets(name, kinds, pulumi.ResourceOptions(parent=parent))

    def _database(self) -> postgres.Database | ExternalDatabase:
        external = self.settings.database
        return ExternalDatabase(external) if external else postgres.Database(self)

    def _warn_of_tags(self) -> None:
        if loose := images.without_digest(self.images):
            remedy = f"`pilothouse lock {self.plan.stack}` pins them"
            text = f"no digest, so what runs may change: {', '.join(loose)}; {remedy}"
            pulumi.log.warn(text, self)

    def _made_provider(
        self, name: str, *, upsert_existing_objects: bool | None, ignored: Sequence[str] = ()
    ) -> Provider:
        return Provider(
            name,
            context=self.settings.context,
            enable_server_side_apply=True,
            enable_patch_force=True,  # what somebody else has set is set right again
            upsert_existing_objects=upsert_existing_objects,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=list(ignored)),
        )

    def _made_namespace(self) -> Namespace:
        """The namespace; one that is there is taken only if somebody has seen that it is ours.

        A preflight has, and says so by a variable (see `operations`); where the user has made it,
        the settings do.
        """
        taken = True if self.settings.namespace_exists else None
        provider = self._made_provider(
            "namespace", upsert_existing_objects=taken, ignored=["upsertExistingObjects"]
        )
        enforced = {f"{POD_SECURITY}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        return Namespace(
            "namespace",
            metadata={"name": self.namespace_name, "labels": {**self.labels, **enforced}},
            opts=pulumi.ResourceOptions(parent=self, provider=provider),
        )

    def _guarded(self) -> dict[str, list[pulumi.Resource]]:
        """What is there before any pod of a component is: limits, policies, its account."""
        objects = self.objects_of(self)
        policies = {
            policy.name: objects.make(NetworkPolicy, policy.name, spec=policy.spec)
            for policy in network_policies.policies(
                self.settings, public=bool(self.plan.platform.access.host)
            )
        }
        limits = [
            policies[network_policies.DENY_ALL],
            objects.make(ResourceQuota, "platform", spec={"hard": quota(self.plan)}),
            objects.make(LimitRange, "containers", spec=_limit_range()),
        ]
        return {
            name: [*limits, policies[name], self._account(objects, name)]
            for name in network_policies.components(self.settings)
        }

    def _account(self, objects: Objects, component: str) -> pulumi.Resource:
        return objects.make(
            ServiceAccount,
            component,
            component=component,
            annotations=self.settings.pods_of(component).service_account_annotations,
            automount_service_account_token=False,
        )


def quota(plan: Plan) -> dict[str, str]:
    """A roof over the whole: every component while all of them change, and all tasks at once."""
    tasks = plan.parallelism + 2
    names = (*network_policies.components(plan.settings), GIT_SYNC)
    scaled = plan.settings.api_server_autoscaling
    most = {MLFLOW: MLFLOW_REPLICAS, API_SERVER: scaled.max_replicas if scaled else 1}
    total = {name: tasks if name in TASKS else _changing(most.get(name, 1)) for name in names}
    found = [(_asked(plan, name), count) for name, count in total.items()]
    return {
        "requests.cpu": f"{sum(each.cpu * count for each, count in found)}m",
        "requests.memory": f"{sum(each.memory * count for each, count in found)}Mi",
        "limits.cpu": f"{sum(each.cpu_limit * count for each, count in found)}m",
        "limits.memory": f"{sum(each.memory_limit * count for each, count in found)}Mi",
        "pods": str(sum(count for _, count in found)),
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def _changing(replicas: int) -> int:
    """How many pods there are at most while a Deployment changes: a quarter more, rounded up."""
    return replicas + math.ceil(replicas / 4)


def _asked(plan: Plan, component: str) -> Resources:
    said = plan.settings.pods_of(component).resources
    applied: Resources = said.applied(resources(component, plan.size))
    return applied


def _limit_range() -> Any:
    """For a pod that somebody adds without saying what it needs."""
    usual = SMALL["job"].manifest()
    return {
        "limits": [
            {
                "type": "Container",
                "defaultRequest": usual["requests"],
                "default": usual["limits"],
            }
        ]
    }
