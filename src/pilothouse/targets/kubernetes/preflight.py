"""Whether a cluster can carry a stack: looked at before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Check
from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes import exposure_checks, rights
from pilothouse.targets.kubernetes.cluster import Cluster
from pilothouse.targets.kubernetes.names import OWN, is_ours, namespace_of

if TYPE_CHECKING:
    from pilothouse.plan import Plan

OLDEST = (1, 31)
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
METRICS = "metrics.k8s.io"
Look = tuple[str, Callable[[], Check]]
"""What is looked at, and how."""


def checks(plan: Plan, cluster: Cluster) -> list[Check]:
    """Every check; just the first where the cluster can't be asked."""
    first = _reached(cluster)
    if not first.ok:
        return [first]
    with ThreadPoolExecutor(3) as pool:
        return [first, *pool.map(lambda look: _looked(*look), _looks(plan, cluster))]


def _looks(plan: Plan, cluster: Cluster) -> Iterator[Look]:
    yield "rights", lambda: rights.check(plan, cluster)
    if plan.settings.has_volumes():
        yield "storage class", lambda: _storage_class(plan, cluster)
    yield f"namespace {namespace_of(plan)}", lambda: _namespace(plan, cluster)
    for name, keys in plan.settings.secrets_of_the_user().items():
        yield f"secret {name}", partial(_secret, plan, cluster, name, keys)
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


def _secret(plan: Plan, cluster: Cluster, name: str, keys: Sequence[str]) -> Check:
    """Whether the Secret that opens what is not ours is there, with its keys."""
    namespace = namespace_of(plan)
    found = cluster.find(cluster.core.read_namespaced_secret, name, namespace)
    lacking = [key for key in keys if key not in (found.data or {})] if found else []
    lacks = f"lacks {', '.join(lacking)}" if lacking else "there, with its keys"
    marks = " ".join(f"{label}={plan.tags[label]}" for label in OWN)
    return Check(
        name=f"secret {name}",
        ok=bool(found) and not lacking,
        detail=lacks if found else f"not in namespace {namespace}",
        remedy=f"make the namespace {namespace} with the labels {marks}, and in it the Secret, "
        f"with the keys {', '.join(keys)}: docs/kubernetes-data.md says what each opens",
    )


def _namespace(plan: Plan, cluster: Cluster) -> Check:
    name = namespace_of(plan)
    found = cluster.find(cluster.core.read_namespace, name)
    ours = found is None or is_ours(found, plan)
    return Check(
        name=f"namespace {name}",
        ok=ours,
        detail="free" if found is None else "ours" if ours else "there, and not of this stack",
        remedy="name another as `namespace` under `pilothouse:kubernetes` in the stack file",
    )
