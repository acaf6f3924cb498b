"""Whether an object is ready, judged from its status and from what it owns.

The conditions are those of pulumi-kubernetes 4.34 for the same kinds; a kind without one is ready
as soon as it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from testkit.fake_providers.kubernetes import pods
from testkit.fake_providers.kubernetes.cluster import Object
from testkit.fake_providers.kubernetes.pods import Trouble, condition
from testkit.fake_providers.kubernetes.tokens import Kind

REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Verdict:
    """Ready or not, and why not.

    `settling` is a mark that has to stay the same for a while before `ready` counts; `failed`
    says that waiting is of no use at all.
    """

    ready: bool = False
    failed: bool = False
    settling: str = ""
    troubles: tuple[Trouble, ...] = ()

    @property
    def reasons(self) -> list[str]:
        """What is amiss, each once."""
        return list(dict.fromkeys(trouble.text for trouble in self.troubles))


class Surroundings(Protocol):
    """What else there is; asked only about an object that is not ready by its own status."""

    def owned(self, kind: str, owner: Object) -> list[Object]:
        """The objects of a kind whose owner is this one."""

    def events(self, about: Object) -> list[Object]:
        """The warnings about an object."""

    def found(self, kind: str, namespace: str, name: str) -> Object | None:
        """An object by its name."""


READY = Verdict(ready=True)


def judge(kind: Kind, live: Object, around: Surroundings) -> Verdict:
    """Whether `live` is ready."""
    judged = _JUDGES.get((kind.group, kind.name))
    return judged(live, around) if judged else READY


def _deployment(live: Object, around: Surroundings) -> Verdict:
    wanted, status = live["spec"].get("replicas", 1), live.get("status", {})
    updated = status.get("updatedReplicas", 0)
    rolled_out = (
        updated >= wanted
        and status.get("replicas", 0) <= updated
        and status.get("availableReplicas", 0) >= updated
    )
    if _is_observed(live) and rolled_out:
        return READY
    revision = live["metadata"].get("annotations", {}).get(REVISION)
    sets = [s for s in around.owned("ReplicaSet", live) if _revision(s) == revision]
    progress = condition(live, "Progressing")
    found = [_trouble(progress, "")] if progress.get("status") == "False" else []
    found += _creations(condition(live, "ReplicaFailure"), live)
    found += [t for s in sets for t in _pods(around, s)]
    return _unready(found, "Minimum number of live Pods was not attained")


def _stateful_set(live: Object, around: Surroundings) -> Verdict:
    wanted, status = live["spec"].get("replicas", 1), live.get("status", {})
    counts: tuple[str, ...] = ("replicas", "readyReplicas", "currentReplicas")
    by_hand = live["spec"].get("updateStrategy", {}).get("type") == "OnDelete"
    if by_hand and live["metadata"]["generation"] > 1:
        counts = ("replicas", "readyReplicas")
    current = status.get("currentRevision")
    revised = bool(current) and current == status.get("updateRevision")
    if _is_observed(live) and revised and all(status.get(name, 0) == wanted for name in counts):
        return READY
    ready = status.get("readyReplicas", 0)
    missing = status.get("replicas", 0) < wanted
    found = [*(_refusals(around, live) if missing else []), *_pods(around, live)]
    return _unready(found, f"{ready} out of {wanted} replicas succeeded readiness checks")


def _daemon_set(live: Object, around: Surroundings) -> Verdict:
    status = live.get("status", {})
    wanted = status.get("desiredNumberScheduled", 0)
    counts = ("updatedNumberScheduled", "numberReady", "numberAvailable")
    if _is_observed(live) and all(status.get(name, 0) >= wanted for name in counts):
        return READY
    found = [*_refusals(around, live), *_pods(around, live)]
    return _unready(found, f"{status.get('numberReady', 0)} out of {wanted} pods are ready")


def _job(live: Object, around: Surroundings) -> Verdict:
    if condition(live, "Complete").get("status") == "True":
        return READY
    failed = condition(live, "Failed")
    if failed.get("status") == "True":
        found = (_trouble(failed, ""), *_pods(around, live))
        return Verdict(failed=True, troubles=found)
    active = live.get("status", {}).get("active", 0)
    found = (*([] if active else _refusals(around, live)), *_pods(around, live))
    return Verdict(troubles=found)


def _pod(live: Object, around: Surroundings) -> Verdict:
    if pods.is_ready(live):
        return READY
    failed = live.get("status", {}).get("phase") == "Failed"
    return Verdict(failed=failed, troubles=tuple(pods.troubles(live, around.events(live))))


def _claim(live: Object, around: Surroundings) -> Verdict:
    phase = live.get("status", {}).get("phase")
    if phase == "Bound":
        return READY
    storage = around.found("StorageClass", "", live["spec"].get("storageClassName") or "")
    if storage and storage.get("volumeBindingMode") == "WaitForFirstConsumer":
        return READY
    name = live["metadata"]["name"]
    warnings = [Trouble(_said(e), "provisioning", name) for e in around.events(live)]
    return _unready(warnings, f"PersistentVolumeClaim: [{name}] is not ready, it is {phase}")


def _volume(live: Object, around: Surroundings) -> Verdict:
    phase = live.get("status", {}).get("phase")
    return Verdict(ready=phase in {"Available", "Bound"})


def _quota(live: Object, around: Surroundings) -> Verdict:
    hard = live["spec"].get("hard", {})
    return Verdict(ready=live.get("status", {}).get("hard", {}) == hard)


def _secret(live: Object, around: Surroundings) -> Verdict:
    token = live.get("type") == "kubernetes.io/service-account-token"
    return Verdict(ready=not token or bool(live.get("data")))


def _service(live: Object, around: Surroundings) -> Verdict:
    """With a selector: its endpoints stay as they are for a while, and none is unready."""
    spec = live["spec"]
    if spec.get("type") == "LoadBalancer" and not _balancer(live):
        text = "Service was not allocated an IP address; does your cloud provider support this?"
        return Verdict(troubles=(Trouble(text),))
    headless = spec.get("clusterIP") == "None"
    if headless or spec.get("type") == "ExternalName" or not spec.get("selector"):
        return READY
    endpoints = around.found("Endpoints", live["metadata"]["namespace"], live["metadata"]["name"])
    subsets = (endpoints or {}).get("subsets") or []
    if endpoints and not any(subset.get("notReadyAddresses") for subset in subsets):
        return Verdict(ready=True, settling=endpoints["metadata"]["resourceVersion"])
    return Verdict(troubles=(Trouble(NO_PODS),))


NO_PODS = (
    "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' "
    "may not match labels on any Pods"
)


def _ingress(live: Object, around: Surroundings) -> Verdict:
    text = "Ingress .status.loadBalancer field was not updated with a hostname/IP address."
    return READY if _balancer(live) else Verdict(troubles=(Trouble(text),))


_Judge = Callable[[Object, Surroundings], Verdict]
_JUDGES: dict[tuple[str, str], _Judge] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): _job,
    ("", "Pod"): _pod,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "PersistentVolume"): _volume,
    ("", "ResourceQuota"): _quota,
    ("", "Secret"): _secret,
    ("", "Service"): _service,
    ("networking.k8s.io", "Ingress"): _ingress,
}


def _is_observed(live: Object) -> bool:
    observed = live.get("status", {}).get("observedGeneration", 0)
    return bool(observed >= live["metadata"].get("generation", 0))


def _balancer(live: Object) -> bool:
    return bool(live.get("status", {}).get("loadBalancer", {}).get("ingress"))


def _revision(replica_set: Object) -> str | None:
    found: str | None = replica_set["metadata"].get("annotations", {}).get(REVISION)
    return found


def _pods(around: Surroundings, owner: Object) -> list[Trouble]:
    owned = around.owned("Pod", owner)
    return [t for pod in owned if not pods.is_ready(pod) for t in _of_pod(around, pod)]


def _of_pod(around: Surroundings, pod: Object) -> list[Trouble]:
    return pods.troubles(pod, around.events(pod))


def _refusals(around: Surroundings, owner: Object) -> Iterable[Trouble]:
    """Why a controller could not make its pods: a full quota, a broken policy."""
    for event in around.events(owner):
        if event.get("reason") == "FailedCreate":
            yield Trouble(_said(event), "creation", owner["metadata"]["name"])


def _creations(failure: Object, owner: Object) -> list[Trouble]:
    if failure.get("status") != "True":
        return []
    return [_trouble(failure, "creation", owner["metadata"]["name"])]


def _trouble(said: Object, cause: str, subject: str = "") -> Trouble:
    return Trouble(_said(said), cause, subject)


def _said(said: Object) -> str:
    return f"[{said.get('reason')}] {said.get('message', '')}"


def _unready(found: Iterable[Trouble], summary: str) -> Verdict:
    return Verdict(troubles=(Trouble(summary), *found))
