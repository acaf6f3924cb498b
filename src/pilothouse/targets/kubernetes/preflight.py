"""Whether a cluster can carry a stack: looked at before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse.contract import Check
from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes import exposure_checks
from pilothouse.targets.kubernetes.cluster import Cluster
from pilothouse.targets.kubernetes.names import OWN, is_ours, namespace_of

if TYPE_CHECKING:
    from pilothouse.plan import Plan

OLDEST = (1, 31)
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
METRICS = "metrics.k8s.io"
VERBS = ("create", "get", "list", "watch", "patch", "delete")
NEEDED: Sequence[tuple[str, str]] = (
    ("", "namespaces"),
    ("", "configmaps"),
    ("", "limitranges"),
    ("", "persistentvolumeclaims"),
    ("", "pods"),
    ("", "resourcequotas"),
    ("", "secrets"),
    ("", "serviceaccounts"),
    ("", "services"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
    ("networking.k8s.io", "networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("rbac.authorization.k8s.io", "rolebindings"),
    ("rbac.authorization.k8s.io", "roles"),
)
"""API group and resource of everything that a stack makes."""


def checks(plan: Plan, cluster: Cluster) -> list[Check]:
    """Every check; just the first where the cluster can't be asked."""
    first = _reached(cluster)
    if not first.ok:
        return [first]
    secrets = plan.settings.secrets_of_the_user()
    with ThreadPoolExecutor(3) as pool:
        looks: list[Callable[[], Check]] = [
            lambda: _allowed(plan, cluster),
            *([lambda: _storage_class(plan, cluster)] if plan.settings.has_volumes() else []),
            lambda: _namespace(plan, cluster),
            *(partial(_secret, plan, cluster, *each) for each in secrets.items()),
        ]
        found = list(pool.map(_looked, looks))
    return [first, *found, *exposure_checks.checks(plan, cluster), *_metrics(plan, cluster)]


def _looked(look: Callable[[], Check]) -> Check:
    """A check; one that this kubeconfig may not make hides no other."""
    try:
        return look()
    except PilothouseError as error:
        remedy = "ask the cluster's owner, or name a context that may look"
        return Check(name="look", ok=False, detail=str(error), remedy=remedy)


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


def _allowed(plan: Plan, cluster: Cluster) -> Check:
    namespace, kinds = (
        namespace_of(plan),
        [*NEEDED, *exposure_checks.needed(plan), *_to_scale(plan)],
    )
    asked = [(group, kind, verb) for group, kind in kinds for verb in VERBS]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda ask: _may(cluster, namespace, *ask), asked))
    refused = [ask for ask, ok in zip(asked, answers, strict=True) if not ok]
    return Check(
        name="rights",
        ok=not refused,
        detail=f"not allowed: {', '.join(_shown(refused))}" if refused else "all that is needed",
        remedy=f"ask the cluster's owner for them in namespace {namespace}, "
        "or name a context that has them",
    )


def _shown(refused: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    for group, kind in dict.fromkeys((group, kind) for group, kind, _ in refused):
        verbs = "/".join(verb for *of, verb in refused if tuple(of) == (group, kind))
        yield f"{verbs} {'.'.join(filter(None, (kind, group)))}"


def _may(cluster: Cluster, namespace: str, group: str, kind: str, verb: str) -> bool:
    attributes: dict[str, Any] = {"group": group, "resource": kind, "verb": verb}
    if kind != "namespaces":
        attributes["namespace"] = namespace
    review = {"spec": {"resourceAttributes": attributes}}
    answer = cluster.find(cluster.access.create_self_subject_access_review, review)
    return bool(answer.status.allowed)


def _to_scale(plan: Plan) -> list[tuple[str, str]]:
    scaled = plan.settings.api_server_autoscaling
    return [("autoscaling", "horizontalpodautoscalers")] if scaled else []


def _metrics(plan: Plan, cluster: Cluster) -> Iterator[Check]:
    """Whether the cluster knows how much CPU pods use, where that decides how many there are."""
    if plan.settings.api_server_autoscaling:
        groups = [each.name for each in cluster.find(cluster.groups.get_api_versions).groups]
        known = METRICS in groups
        yield Check(
            name="metrics",
            ok=known,
            detail=f"{METRICS} is {'' if known else 'not '}served",
            remedy="install metrics-server, or remove `apiServerAutoscaling` in the stack file",
        )


def _storage_class(plan: Plan, cluster: Cluster) -> Check:
    wanted = plan.settings.storage_class
    known = {each.metadata.name: each for each in _classes(cluster)}
    if wanted:
        ok, detail = wanted in known, f"{wanted}; there are: {', '.join(known) or 'none'}"
    else:
        default = [name for name, each in known.items() if _is_default(each)]
        ok, detail = bool(default), f"default: {', '.join(default) or 'none'}"
    remedy = "name one as `storageClass` under `pilothouse:kubernetes` in the stack file"
    return Check(name="storage class", ok=ok, detail=detail, remedy=remedy)


def _classes(cluster: Cluster) -> list[Any]:
    return list(cluster.find(cluster.storage.list_storage_class).items)


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
