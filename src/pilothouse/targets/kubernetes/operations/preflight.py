"""Checks that a cluster can run a stack, before anything is created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.clients import kinds
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import (
    NAMESPACE_REMEDY,
    STACK_LABELS,
    belongs_to_stack,
    namespace_of,
)
from pilothouse.targets.kubernetes.operations.exposure_checks import exposure_checks
from pilothouse.targets.kubernetes.operations.permissions import check_permissions
from pilothouse.targets.kubernetes.settings import external_objects

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.external_objects import ExternalObject
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

OLDEST_VERSION = (1, 31)
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
METRICS_API = "metrics.k8s.io"
NamedCheck = tuple[str, Callable[[], Check]]
"""The name of a check, and the check."""

_KINDS = {
    external_objects.SECRET: kinds.SECRET,
    external_objects.CONFIG_MAP: kinds.CONFIG_MAP,
    external_objects.CLAIM: kinds.PERSISTENT_VOLUME_CLAIM,
}
_NAME_ANOTHER = "name another as `namespace` under `pilothouse:kubernetes` in the stack file"
_CREATE = "`kubectl create namespace {}`, or remove `namespaceExists` in the stack file"
SHOWN_PODS = 3  # of another owner


def checks(plan: KubernetesPlan, cluster: Cluster) -> list[Check]:
    """Every check; only the first where the cluster cannot be reached."""
    first = _check_version(cluster)
    if not first.ok:
        return [first]
    with ThreadPoolExecutor(3) as pool:
        return [first, *pool.map(lambda check: _run(*check), _named_checks(plan, cluster))]


def _named_checks(plan: KubernetesPlan, cluster: Cluster) -> Iterator[NamedCheck]:
    yield "permissions", lambda: check_permissions(plan, cluster)
    if plan.settings.has_volumes():
        yield "storage class", lambda: _check_storage_class(plan, cluster)
    yield f"namespace {namespace_of(plan)}", lambda: _check_namespace(plan, cluster)
    for item in plan.settings.external_objects():
        yield f"{item.kind} {item.name}", partial(_check_external_object, plan, cluster, item)
    yield from exposure_checks(plan, cluster)
    if plan.settings.api_server_autoscaling:
        yield "metrics", lambda: _check_metrics(cluster)


def _run(name: str, check: Callable[[], Check]) -> Check:
    """Run a check; one whose requests are refused fails, and hides no other."""
    try:
        return check()
    except PilothouseError as error:
        remedy = "ask the cluster's owner for read access, or name a context that has it"
        return Check(name=name, ok=False, detail=f"cannot be checked: {error}", remedy=remedy)


def _check_version(cluster: Cluster) -> Check:
    oldest = ".".join(map(str, OLDEST_VERSION))
    try:
        version = cluster.version()
    except PilothouseError as error:
        remedy = "check it with `kubectl cluster-info`"
        return Check(name="cluster", ok=False, detail=str(error), remedy=remedy)
    return Check(
        name="cluster",
        ok=version >= OLDEST_VERSION,
        detail=f"Kubernetes {version[0]}.{version[1]}",
        remedy=f"Kubernetes {oldest} or newer is needed",
    )


def _check_metrics(cluster: Cluster) -> Check:
    """Whether the cluster measures the CPU of pods, which autoscaling needs."""
    served = METRICS_API in cluster.api_groups()
    return Check(
        name="metrics",
        ok=served,
        detail=f"{METRICS_API} is {'' if served else 'not '}served",
        remedy="install metrics-server, or remove `apiServerAutoscaling` in the stack file",
    )


def _check_storage_class(plan: KubernetesPlan, cluster: Cluster) -> Check:
    name = plan.settings.storage_class
    classes = {item.metadata.name: item for item in cluster.list_objects(kinds.STORAGE_CLASS)}
    if name:
        ok, detail = name in classes, f"{name}; there are: {', '.join(classes) or 'none'}"
    else:
        defaults = [name for name, item in classes.items() if _is_default(item)]
        ok, detail = bool(defaults), f"default: {', '.join(defaults) or 'none'}"
    remedy = "name one as `storageClass` under `pilothouse:kubernetes` in the stack file"
    return Check(name="storage class", ok=ok, detail=detail, remedy=remedy)


def _is_default(storage_class: Any) -> bool:
    return (storage_class.metadata.annotations or {}).get(DEFAULT_CLASS) == "true"


def _check_external_object(plan: KubernetesPlan, cluster: Cluster, item: ExternalObject) -> Check:
    """Whether an object that the settings name exists, with the keys that it must have."""
    namespace = namespace_of(plan)
    found = cluster.get(_KINDS[item.kind], item.name, namespace)
    known = {**(found.data or {}), **(found.binaryData or {})} if found else {}
    missing = [key for key in item.keys if key not in known] if found else []
    detail = f"lacks {', '.join(missing)}" if missing else "exists, with the required keys"
    keys = f" with the keys {', '.join(item.keys)}" if item.keys else ""
    return Check(
        name=f"{item.kind} {item.name}",
        ok=bool(found) and not missing,
        detail=detail if found else f"not in namespace {namespace}",
        remedy=f"create it there{keys}, as `{item.setting}` of the stack file requires: "
        "docs/kubernetes-data.md",
    )


def _check_namespace(plan: KubernetesPlan, cluster: Cluster) -> Check:
    """Whether the namespace is free, this stack's, or created by the user for this stack."""
    name, exists = namespace_of(plan), plan.settings.namespace_exists
    found = cluster.get(kinds.NAMESPACE, name)
    if found is None:
        ok, detail, remedy = (
            not exists,
            "does not exist" if exists else "free",
            _CREATE.format(name),
        )
    elif belongs_to_stack(found, plan):
        ok, detail, remedy = True, "used by this stack", ""
    elif exists:
        owner = _other_owner(cluster, found, name)
        ok, detail, remedy = not owner, owner or "yours, for this stack", _NAME_ANOTHER
    else:
        ok, detail = False, "exists and belongs to another stack or owner"
        remedy = NAMESPACE_REMEDY
    return Check(name=f"namespace {name}", ok=ok, detail=detail, remedy=remedy)


def _other_owner(cluster: Cluster, namespace: Any, name: str) -> str:
    """Who else uses a namespace, and would lose it with this stack; empty if nobody."""
    if stack := (namespace.metadata.labels or {}).get(STACK_LABELS[-1]):
        return f"exists and belongs to stack {stack}"
    pods = [pod.metadata.name for pod in cluster.list_objects(kinds.POD, name)]
    return f"exists and is in use: it runs {', '.join(pods[:SHOWN_PODS])}" if pods else ""
