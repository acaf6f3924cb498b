"""What whoever runs pilothouse must be allowed to do in a cluster, for one stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects import resource_kinds
from pilothouse.targets.kubernetes.objects.rbac import GRANTS

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

VERBS = ("create", "get", "list", "watch", "patch", "delete")
"""What the engine's provider does with an object that it makes."""
AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Right:
    """One verb on one resource; a subresource stands behind a slash."""

    group: str = ""
    resource: str
    verb: str
    cluster_wide: bool = False

    @property
    def of(self) -> str:
        """The resource with its group, such as `roles.rbac.authorization.k8s.io`."""
        return ".".join(filter(None, (self.resource, self.group)))


BY_OPERATIONS = (
    Right(resource="events", verb="list"),  # why a service does not get ready
    Right(resource="pods/log", verb="get"),  # logs, and what a restore has written
    Right(resource="pods/portforward", verb="get"),  # a WebSocket, as the Python client opens it,
    Right(resource="pods/portforward", verb="create"),  # which newer clusters take for this
    Right(resource="persistentvolumes", verb="list", cluster_wide=True),  # what a teardown left
)
"""What is called from the outside and is no object that is made."""


def needed(plan: Plan) -> list[Right]:
    """To make the stack, to grant what its accounts may do, to look at it and to take it away.

    A cluster lets nobody grant what they may not do themselves.
    """
    return list(dict.fromkeys([*_to_make(plan), *_to_grant(), *BY_OPERATIONS, *_to_sweep(plan)]))


def _to_make(plan: Plan) -> Iterator[Right]:
    for kind in resource_kinds.made(plan):
        wide = kind is resource_kinds.NAMESPACE
        for verb in VERBS:
            yield Right(group=kind.group, resource=kind.plural, verb=verb, cluster_wide=wide)


def _to_grant() -> Iterator[Right]:
    for rule in (rule for rules in GRANTS.values() for rule in rules):
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    yield Right(group=group, resource=resource, verb=verb)


def _to_sweep(plan: Plan) -> Iterator[Right]:
    for kind in resource_kinds.swept(plan):
        for verb in ("list", "delete"):
            yield Right(group=kind.group, resource=kind.plural, verb=verb)


def check(plan: Plan, cluster: Cluster) -> Check:
    """Whether this kubeconfig has all of them; those that it lacks by name."""
    asked, namespace = needed(plan), namespace_of(plan)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda right: _has(cluster, namespace, right), asked))
    lacking = [right for right, has in zip(asked, answers, strict=True) if not has]
    return Check(
        name="rights",
        ok=not lacking,
        detail=f"not allowed: {', '.join(_shown(lacking))}" if lacking else "all that is needed",
        remedy=f"ask the cluster's owner for them in namespace {namespace}, "
        "or name a context that has them",
    )


def _shown(lacking: Iterable[Right]) -> Iterator[str]:
    verbs: dict[str, list[str]] = {}
    for right in lacking:
        place = " of the cluster" if right.cluster_wide else ""
        verbs.setdefault(f"{right.of}{place}", []).append(right.verb)
    return (f"{'/'.join(each)} {of}" for of, each in verbs.items())


def _has(cluster: Cluster, namespace: str, right: Right) -> bool:
    resource, _, part = right.resource.partition("/")
    attributes: dict[str, Any] = {"group": right.group, "resource": resource, "verb": right.verb}
    attributes |= {"subresource": part} if part else {}
    attributes |= {} if right.cluster_wide else {"namespace": namespace}
    review = {"spec": {"resourceAttributes": attributes}}
    answer = cluster.find(cluster.access.create_self_subject_access_review, review)
    return bool(answer and answer.status.allowed)
