"""Whether a cluster can carry a stack: looked at before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.interface import Check
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.naming import OWN, is_ours, namespace_of
from pilothouse.targets.kubernetes.operations import exposure_checks, permissions
from pilothouse.targets.kubernetes.settings import external_objects

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.settings.external_objects import UsersObject

OLDEST = (1, 31)
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
METRICS = "metrics.k8s.io"
Look = tuple[str, Callable[[], Check]]
"""What is looked at, and how."""


_ANOTHER = "name another as `namespace` under `pilothouse:kubernetes` in the stack file"
_TAKE = "or, if you made it for this stack alone, add `namespaceExists: true` beside it"
_MAKE = "`kubectl create namespace {}`, or remove `namespaceExists` in the stack file"
SHOWN = 3  # pods of somebody else


def checks(plan: Plan, cluster: Cluster) -> list[Check]:
    """Every check; just the first where the cluster can't be asked."""
    first = _reached(cluster)
    if not first.ok:
        return [first]
    with ThreadPoolExecutor(3) as pool:
        return [first, *pool.map(lambda look: _looked(*look), _looks(plan, cluster))]


def _looks(plan: Plan, cluster: Cluster) -> Iterator[Look]:
    yield "rights", lambda: permissions.check(plan, cluster)
    if plan.settings.has_volumes():
        yield "storage class", lambda: _storage_class(plan, cluster)
    yield f"namespace {namespace_of(plan)}", lambda: _namespace(plan, cluster)
    for each in external_objects.named(plan.settings):
        yield f"{each.kind} {each.name}", partial(_users_object, plan, cluster, each)
    yield from exposure_checks.looks(plan, cluster)
    if plan.settings.api_server_autoscaling:
        yield "metrics", lambda: _metrics(cluster)


def _looked(name: str, look: Callable[[], Check]) -> Check:
    """A check; one that this kubeconfig may not make fails, and hides no other."""
    try:
        return look()
    except PilothouseError as error:
        remedy = "ask the cluster's owner to let you look, or name a context that may"
        return Check(name=name, ok=False, detail=f"can't be looked at: {error}", remedy=remedy)


def _reached(cluster: Cluster) -> Check:
    needed = ".".join(map(str, OLDEST))
    try:
        version = cluster.version()
    except PilothouseError as error:
        remedy = "look at it with `kubectl cluster-info`"
        return Check(name="cluster", ok=False, detail=str(error), remedy=remedy)
    return Check(
        name="cluster",
        ok=version >= OLDEST,
        detail=f"Kubernetes {version[0]}.{version[1]}",
        remedy=f"Kubernetes {needed} or newer is needed",
    )


def _metrics(cluster: Cluster) -> Check:
    """Whether the cluster knows how much CPU pods use, where that decides how many there are."""
    found = cluster.find(cluster.groups.get_api_versions)
    known = METRICS in [each.name for each in found.groups] if found else False
    return Check(
        name="metrics",
        ok=known,
        detail=f"{METRICS} is {'' if known else 'not '}served",
        remedy="install metrics-server, or remove `apiServerAutoscaling` in the stack file",
    )


def _storage_class(plan: Plan, cluster: Cluster) -> Check:
    wanted = plan.settings.storage_class
    found = cluster.listed(cluster.storage.list_storage_class)
    known = {each.metadata.name: each for each in found}
    if wanted:
        ok, detail = wanted in known, f"{wanted}; there are: {', '.join(known) or 'none'}"
    else:
        default = [name for name, each in known.items() if _is_default(each)]
        ok, detail = bool(default), f"default: {', '.join(default) or 'none'}"
    remedy = "name one as `storageClass` under `pilothouse:kubernetes` in the stack file"
    return Check(name="storage class", ok=ok, detail=detail, remedy=remedy)


def _is_default(storage_class: Any) -> bool:
    return (storage_class.metadata.annotations or {}).get(DEFAULT_CLASS) == "true"


def _users_object(plan: Plan, cluster: Cluster, wanted: UsersObject) -> Check:
    """Whether an object of the user's own is there, with its keys."""
    namespace = namespace_of(plan)
    read = {
        external_objects.SECRET: cluster.core.read_namespaced_secret,
        external_objects.CONFIG_MAP: cluster.core.read_namespaced_config_map,
        external_objects.CLAIM: cluster.core.read_namespaced_persistent_volume_claim,
    }[wanted.kind]
    found = cluster.find(read, wanted.name, namespace)
    held = [getattr(found, field, None) or {} for field in ("data", "binary_data")]
    known = {key for each in held for key in each}
    lacking = [key for key in wanted.keys if key not in known] if found else []
    detail = f"lacks {', '.join(lacking)}" if lacking else "there, with what it must have"
    keys = f" with the keys {', '.join(wanted.keys)}" if wanted.keys else ""
    return Check(
        name=f"{wanted.kind} {wanted.name}",
        ok=bool(found) and not lacking,
        detail=detail if found else f"not in namespace {namespace}",
        remedy=f"make it there{keys}, as `{wanted.where}` of the stack file wants it: "
        "docs/kubernetes-data.md",
    )


def _namespace(plan: Plan, cluster: Cluster) -> Check:
    """Whether the namespace is free, or ours, or made for us by whom the settings speak."""
    name, said = namespace_of(plan), plan.settings.namespace_exists
    found = cluster.find(cluster.core.read_namespace, name)
    if found is None:
        ok, detail, remedy = not said, "not there" if said else "free", _MAKE.format(name)
    elif is_ours(found, plan):
        ok, detail, remedy = True, "ours", ""
    elif said:
        others = _others(cluster, found, name)
        ok, detail, remedy = not others, others or "yours, for this stack", _ANOTHER
    else:
        ok, detail, remedy = False, "there, and not of this stack", f"{_ANOTHER}; {_TAKE}"
    return Check(name=f"namespace {name}", ok=ok, detail=detail, remedy=remedy)


def _others(cluster: Cluster, found: Any, name: str) -> str:
    """Whom else a namespace belongs to, that would lose it; empty if nobody."""
    if owner := (found.metadata.labels or {}).get(OWN[-1]):
        return f"there, and of stack {owner}"
    pods = [each.metadata.name for each in cluster.listed(cluster.core.list_namespaced_pod, name)]
    return f"there, and in use: it runs {', '.join(pods[:SHOWN])}" if pods else ""
