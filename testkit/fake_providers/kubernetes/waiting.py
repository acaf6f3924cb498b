"""Waits until an object is ready or gone.

The real provider waits for its whole timeout (ten minutes unless told otherwise) whatever the
reason. This one ends earlier when a reason that does not go away by itself (an image that cannot
be pulled, a Secret that is missing, a full quota, a pod that fits nowhere) stays for `GRACE`
seconds: tests of failures would take ten minutes each.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

from testkit.fake_providers.kubernetes.cluster import Cluster, Object
from testkit.fake_providers.kubernetes.readiness import Verdict, judge
from testkit.fake_providers.kubernetes.tokens import Kind

TIMEOUT = 600.0
GRACE: Mapping[str, float] = {"scheduling": 40.0}
DEFAULT_GRACE = 20.0
SETTLED = 10.0
"""For so long the endpoints of a Service have to stay the same, as in the real provider."""

RESOLUTION = timedelta(seconds=2)  # of the times that events have
LONG_AGO = datetime.fromtimestamp(0, UTC)

_FIRST, _LONGEST = 0.2, 1.0
_KINDS = {
    "Endpoints": Kind("", "v1", "Endpoints"), "Event": Kind("", "v1", "Event"),
    "Pod": Kind("", "v1", "Pod"), "ReplicaSet": Kind("apps", "v1", "ReplicaSet"),
    "StorageClass": Kind("storage.k8s.io", "v1", "StorageClass"),
}  # fmt: skip


@dataclass
class NotReady(Exception):
    """An object is there and is not ready; `live` is how it was seen last."""

    message: str
    live: Object
    reasons: list[str]


@dataclass
class Around:
    """The surroundings of an object, read when asked for; of events, those since `began`."""

    cluster: Cluster
    namespace: str
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - RESOLUTION)

    def owned(self, kind: str, owner: Object) -> list[Object]:
        """The objects of a kind whose owner is this one."""
        uid = owner["metadata"]["uid"]
        found = self.cluster.listed(_KINDS[kind], self.namespace)
        return [thing for thing in found if uid in _owners(thing)]

    def events(self, about: Object) -> list[Object]:
        """The warnings about an object: what was amiss before may have been repaired."""
        selector = f"involvedObject.uid={about['metadata']['uid']},type=Warning"
        found = self.cluster.listed(_KINDS["Event"], self.namespace, field_selector=selector)
        return [event for event in found if _seen(event) >= self.began]

    def found(self, kind: str, namespace: str, name: str) -> Object | None:
        """An object by its name."""
        return self.cluster.find(_KINDS[kind], namespace, name) if name else None


@dataclass
class Patience:
    """When a wait ends: by its timeout, or because the same cause stays."""

    timeout: float
    began: float = field(default_factory=lambda: time.monotonic())  # noqa: PLW0108
    _causes: dict[tuple[str, str], float] = field(default_factory=dict)
    _mark: tuple[str, float] = ("", 0.0)

    def is_settled(self, verdict: Verdict) -> bool:
        """Whether `ready` counts: at once, or when its mark has stayed the same for a while."""
        if not verdict.settling:
            return True
        if self._mark[0] != verdict.settling:
            self._mark = (verdict.settling, time.monotonic())
        return time.monotonic() - self._mark[1] >= SETTLED

    def ended(self, verdict: Verdict) -> str:
        """Why to wait no longer; empty to go on."""
        now = time.monotonic()
        present = {(t.cause, t.subject) for t in verdict.troubles if t.cause}
        self._causes = {key: self._causes.get(key, now) for key in present}
        stayed = [
            key for key, since in self._causes.items()
            if now - since >= GRACE.get(key[0], DEFAULT_GRACE)
        ]  # fmt: skip
        if verdict.failed:
            return "was created but failed to initialize"
        if stayed:
            return "will not become Ready by itself"
        return "timed out waiting to be Ready" if now - self.began >= self.timeout else ""


def until_ready(
    cluster: Cluster, kind: Kind, live: Object, timeout: float, cancelled: Event
) -> Object:
    """The ready object; NotReady if it does not become so, or was cancelled."""
    metadata = live["metadata"]
    namespace, name = metadata.get("namespace", ""), metadata["name"]
    around, patience, pause = Around(cluster, namespace), Patience(timeout), _FIRST
    while True:
        verdict = judge(kind, live, around)
        if verdict.ready and patience.is_settled(verdict):
            return live
        if ended := patience.ended(verdict):
            raise NotReady(f"'{name}' {ended}", live, verdict.reasons)
        if cancelled.wait(pause):
            message = f'Resource operation was cancelled for "{name}"'
            raise NotReady(message, live, verdict.reasons)
        pause = min(pause * 1.5, _LONGEST)
        live = cluster.find(kind, namespace, name) or _gone(name, live)


def until_gone(
    cluster: Cluster, kind: Kind, namespace: str, name: str, *, timeout: float, cancelled: Event
) -> None:
    """Return when no object of that name is left, or another one has taken the name."""
    live = cluster.find(kind, namespace, name)
    first, began, pause = live, time.monotonic(), _FIRST
    while live and first and live["metadata"]["uid"] == first["metadata"]["uid"]:
        if time.monotonic() - began >= timeout:
            raise NotReady(f"'{name}' timed out waiting to be deleted", live, _holding(live))
        if cancelled.wait(pause):
            raise NotReady(f'deletion was cancelled for "{name}"', live, _holding(live))
        pause = min(pause * 1.5, _LONGEST)
        live = cluster.find(kind, namespace, name)


def _holding(live: Object) -> list[str]:
    """What keeps an object that is being deleted: finalizers, or a namespace's content."""
    metadata = live["metadata"]
    names = [*metadata.get("finalizers", []), *live.get("spec", {}).get("finalizers", [])]
    found = [f"finalizer {name}" for name in names]
    conditions = live.get("status", {}).get("conditions", [])
    return found + [c["message"] for c in conditions if c["status"] == "True" and c.get("message")]


def _seen(event: Object) -> datetime:
    metadata = event["metadata"]
    seen = event.get("lastTimestamp") or event.get("eventTime") or metadata["creationTimestamp"]
    return datetime.fromisoformat(seen)


def _gone(name: str, live: Object) -> Object:
    raise NotReady(f"'{name}' was deleted while it was waited for", live, [])


def _owners(thing: Object) -> list[str]:
    return [owner["uid"] for owner in thing["metadata"].get("ownerReferences", [])]
