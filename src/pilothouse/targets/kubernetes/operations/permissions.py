"""The permissions in a cluster that deploying and operating one stack requires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.clients.kinds import (
    ACCESS_REVIEW,
    DEPLOYMENT,
    ENDPOINTS,
    INGRESS,
    REPLICA_SET,
)
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects import resource_kinds
from pilothouse.targets.kubernetes.objects.rbac import RBAC_RULES

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.clients.kinds import Kind
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

ENGINE_VERBS = ("create", "get", "list", "watch", "patch", "delete")
"""What the engine's provider does with the objects that it creates."""
WATCH_VERBS = ("list", "watch")
WATCHED_KINDS = {DEPLOYMENT: REPLICA_SET, INGRESS: ENDPOINTS}
"""What the provider watches until an object is ready, beside objects that the stack creates.

A watch that is forbidden is tried again without end.
"""
PARALLEL_REVIEWS = 8


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One verb on one resource; a subresource follows a slash."""

    group: str = ""
    resource: str
    verb: str
    cluster_wide: bool = False

    @property
    def qualified_resource(self) -> str:
        """The resource with its group, such as `roles.rbac.authorization.k8s.io`."""
        return ".".join(filter(None, (self.resource, self.group)))


OPERATIONS_PERMISSIONS = (
    Permission(resource="events", verb="list"),  # why a service is not ready
    Permission(resource="pods/log", verb="get"),  # logs, and the output of a restore
    Permission(resource="pods/portforward", verb="get"),  # a WebSocket of the Python client,
    Permission(resource="pods/portforward", verb="create"),  # for which newer clusters want this
    Permission(resource="pods/exec", verb="get"),  # `pilothouse airflow` and `mlflow`,
    Permission(resource="pods/exec", verb="create"),  # by a WebSocket as well
    Permission(resource="persistentvolumes", verb="list", cluster_wide=True),  # leftovers
)
"""What pilothouse's own operations call beside the objects of a stack."""


def required_permissions(plan: KubernetesPlan) -> list[Permission]:
    """To create the stack, to grant its accounts their roles, to operate it and to delete it.

    Kubernetes lets nobody grant permissions that they do not have themselves.
    """
    permissions = [*_to_create(plan), *_to_grant(), *OPERATIONS_PERMISSIONS, *_to_clean_up(plan)]
    return list(dict.fromkeys(permissions))


def _to_create(plan: KubernetesPlan) -> Iterator[Permission]:
    for kind in resource_kinds.created_kinds(plan):
        yield from _of_kind(kind, ENGINE_VERBS)
        if watched := WATCHED_KINDS.get(kind):
            yield from _of_kind(watched, WATCH_VERBS)


def _of_kind(kind: Kind, verbs: Iterable[str]) -> Iterator[Permission]:
    for verb in verbs:
        yield Permission(
            group=kind.group,
            resource=kind.plural,
            verb=verb,
            cluster_wide=not kind.namespaced,
        )


def _to_grant() -> Iterator[Permission]:
    for rule in (rule for rules in RBAC_RULES.values() for rule in rules):
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    yield Permission(group=group, resource=resource, verb=verb)


def _to_clean_up(plan: KubernetesPlan) -> Iterator[Permission]:
    for kind in resource_kinds.removable_kinds(plan):
        yield from _of_kind(kind, ("list", "delete"))


def check_permissions(plan: KubernetesPlan, cluster: Cluster) -> Check:
    """Whether the user of the kubeconfig has all of them; the missing ones by name."""
    required, namespace = required_permissions(plan), namespace_of(plan)
    with ThreadPoolExecutor(PARALLEL_REVIEWS) as pool:
        answers = list(pool.map(lambda item: _is_allowed(cluster, namespace, item), required))
    missing = [item for item, allowed in zip(required, answers, strict=True) if not allowed]
    listed = ", ".join(_summarize(missing))
    return Check(
        name="permissions",
        ok=not missing,
        detail=f"not allowed: {listed}" if missing else "all required permissions",
        remedy=f"ask the cluster's owner for them in namespace {namespace}, "
        "or name a context that has them",
    )


def _summarize(permissions: Iterable[Permission]) -> Iterator[str]:
    verbs: dict[str, list[str]] = {}
    for permission in permissions:
        scope = " of the cluster" if permission.cluster_wide else ""
        resource = f"{permission.qualified_resource}{scope}"
        verbs.setdefault(resource, []).append(permission.verb)
    return (f"{'/'.join(names)} {resource}" for resource, names in verbs.items())


def _is_allowed(cluster: Cluster, namespace: str, permission: Permission) -> bool:
    resource, _, subresource = permission.resource.partition("/")
    attributes: dict[str, Any] = {
        "group": permission.group,
        "resource": resource,
        "verb": permission.verb,
        **({"subresource": subresource} if subresource else {}),
        **({} if permission.cluster_wide else {"namespace": namespace}),
    }
    review = cluster.create(ACCESS_REVIEW, {"spec": {"resourceAttributes": attributes}})
    return bool(review.status.allowed)
