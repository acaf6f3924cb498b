"""What the capabilities share: the namespace, its limits and network policies, and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_kubernetes import Provider

from pilothouse.targets.kubernetes.clients import kinds
from pilothouse.targets.kubernetes.components import expiry
from pilothouse.targets.kubernetes.components.external_database import ExternalDatabase
from pilothouse.targets.kubernetes.components.namespace_guard import NamespaceGuard
from pilothouse.targets.kubernetes.components.postgres import ROLES, Database
from pilothouse.targets.kubernetes.components.secrets import Secrets
from pilothouse.targets.kubernetes.naming import (
    identifying_labels,
    namespace_of,
    stack_labels,
)
from pilothouse.targets.kubernetes.objects.builder import ObjectFactory, digest
from pilothouse.targets.kubernetes.objects.images import pinned_images, without_digest
from pilothouse.targets.kubernetes.objects.kubernetes_object import KubernetesObject
from pilothouse.targets.kubernetes.objects.limits import limit_range, quota
from pilothouse.targets.kubernetes.objects.network_policies import DENY_ALL, policies
from pilothouse.targets.kubernetes.objects.pod_network import additions
from pilothouse.targets.kubernetes.objects.pods import PodTemplates
from pilothouse.targets.kubernetes.objects.sizing import Resources, resources, volume_gib
from pilothouse.targets.kubernetes.settings import team_dags
from pilothouse.targets.kubernetes.settings.component_table import PORTS, POSTGRES
from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.objects.builder import Dependencies
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan, KubernetesSettings

POD_SECURITY = "pod-security.kubernetes.io"


class KubernetesFoundation(pulumi.ComponentResource):
    """The namespace, in which only the allowed connections are possible, and the database.

    `prerequisites` has, for each component, the resources that must exist before its pods.
    """

    def __init__(
        self, name: str, plan: KubernetesPlan, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("pilothouse:kubernetes:Foundation", name, None, opts)
        self.plan = plan
        self.settings: KubernetesSettings = plan.settings
        self.images = pinned_images(plan)
        self._warn_of_tags()
        self.labels = stack_labels(plan)
        self._pod_templates = PodTemplates(
            labels=self.labels, settings=self.settings, additions=additions(plan)
        )
        # Objects of an interrupted run are taken over: the namespace is this stack's alone.
        self.provider = self._create_provider("cluster", upsert_existing_objects=True)
        self.namespace_name = namespace_of(plan)
        self._namespace = self._create_namespace()
        self.prerequisites = self._create_prerequisites(self._object_factory(self, {}))
        self.database = self._create_database(self.objects_for(self))
        self._create_expiry(self.objects_for(self))
        roles = plan.platform.access.roles
        self._people = (
            self.secrets("people", dict.fromkeys(roles, "password"), self) if roles else None
        )
        self.register_outputs({"namespace": self.namespace_name})

    def url(self, component: str) -> str:
        """The URL of a component inside the cluster."""
        return f"http://{component}.{self.namespace_name}.svc:{PORTS[component]}"

    def resources(self, component: str) -> Resources:
        """The requests and limits of a component by the platform's size."""
        return resources(component, self.plan.size)

    def objects_for(self, parent: pulumi.Resource) -> ObjectFactory:
        """A factory of objects whose parent is `parent`."""
        return self._object_factory(parent, self.prerequisites)

    def secrets(self, name: str, kinds: Any, parent: pulumi.Resource) -> Secrets:
        """Generated secrets by name, of the given kinds."""
        return Secrets(name, kinds, pulumi.ResourceOptions(parent=parent))

    def people_passwords(self) -> dict[str, pulumi.Output[str]]:
        """The passwords of `access.people` by their e-mail addresses."""
        people = self._people
        return {name: people[name] for name in self.plan.platform.access.roles} if people else {}

    def people_annotations(self) -> Mapping[str, pulumi.Output[str]]:
        """Pod annotations that change with people's roles and passwords."""
        if self._people is None:
            return {}
        roles = self.plan.platform.access.roles
        return {"people": self._people.revision.apply(lambda revision: digest([revision, roles]))}

    def _object_factory(
        self, parent: pulumi.Resource, prerequisites: Mapping[str, Dependencies]
    ) -> ObjectFactory:
        return ObjectFactory(
            namespace=self._namespace.metadata["name"],
            pod_templates=self._pod_templates,
            parent=parent,
            provider=self.provider,
            prerequisites=prerequisites,
            ready_timeout=self.settings.ready_timeout,
        )

    def _create_database(self, objects: ObjectFactory) -> Database | ExternalDatabase:
        if self.settings.database:
            return ExternalDatabase(self.settings.database)
        return Database(
            objects,
            self.secrets(POSTGRES, dict.fromkeys(ROLES, "password"), self),
            namespace=self.namespace_name,
            image=self.images[POSTGRES],
            resources=self.resources(POSTGRES),
            volume_gib=volume_gib(self.plan.size),
            storage_class=self.settings.storage_class,
        )

    def _create_expiry(self, objects: ObjectFactory) -> None:
        pilot = self.plan.platform.pilot
        if pilot.at_expiry == "stop":
            image, resources = self.images["airflow"], self.resources("job")
            expiry.create(objects, pilot.expires, image=image, resources=resources)

    def _warn_of_tags(self) -> None:
        if unpinned := without_digest(self.images):
            remedy = f"`pilothouse lock {self.plan.stack}` pins them"
            text = f"no digest, so what runs may change: {', '.join(unpinned)}; {remedy}"
            pulumi.log.warn(text, self)

    def _create_provider(
        self,
        name: str,
        *,
        upsert_existing_objects: bool | None = None,
        ignored: Sequence[str] = (),
    ) -> Provider:
        return Provider(
            name,
            # Empty, not absent: the SDK would put the path of this machine's kubeconfig into the
            # state. The provider then reads KUBECONFIG itself, on whatever machine it runs.
            kubeconfig="",
            context=self.settings.context,
            enable_server_side_apply=True,
            enable_patch_force=True,  # overwrites what other field managers have set
            upsert_existing_objects=upsert_existing_objects,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=list(ignored)),
        )

    def _create_namespace(self) -> KubernetesObject:
        """The namespace; an existing one is taken over only if it is known to be this stack's.

        `namespaceExists` in the settings says it. Without that a provider of its own refuses to
        take it over, except where the preflight of an `up` has checked it and says so by a variable
        (see `KubernetesOperations.up_variables`). The guard alone would not do: it looks once, and
        stays in the state of a run that was interrupted before the namespace.
        """
        provider, guards = self.provider, []
        if not self.settings.namespace_exists:
            provider = self._create_provider("namespace", ignored=["upsertExistingObjects"])
            guards = [self._create_guard()]
        enforced = {f"{POD_SECURITY}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        return KubernetesObject(
            kinds.NAMESPACE,
            "namespace",
            {"metadata": {"name": self.namespace_name, "labels": {**self.labels, **enforced}}},
            protect(
                "namespace",
                pulumi.ResourceOptions(parent=self, provider=provider, depends_on=guards),
            ),
        )

    def _create_guard(self) -> NamespaceGuard:
        return NamespaceGuard(
            "namespace-guard",
            namespace=self.namespace_name,
            labels=identifying_labels(self.plan),
            context=self.settings.context or "",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_prerequisites(self, objects: ObjectFactory) -> dict[str, list[pulumi.Resource]]:
        """The limits of the namespace, and each component's policy and service account."""
        public = bool(self.plan.platform.access.host)
        asked = bool(self.plan.platform.orchestration.requirements)
        in_bucket = asked or team_dags.find_folder(self.plan) is not None
        created = {
            policy.name: objects.make(kinds.NETWORK_POLICY, policy.name, spec=policy.spec)
            for policy in policies(self.settings, public=public, dags_in_bucket=in_bucket)
        }
        common = [
            created[DENY_ALL],
            objects.make(kinds.RESOURCE_QUOTA, "platform", spec={"hard": quota(self.plan)}),
            objects.make(kinds.LIMIT_RANGE, "containers", spec=limit_range()),
        ]
        return {
            name: [*common, created[name], self._create_account(objects, name)]
            for name in self.settings.component_names()
        }

    def _create_account(self, objects: ObjectFactory, component: str) -> pulumi.Resource:
        return objects.make(
            kinds.SERVICE_ACCOUNT,
            component,
            component=component,
            annotations=self.settings.account_annotations(component),
            automountServiceAccountToken=False,
        )
