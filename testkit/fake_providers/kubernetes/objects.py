"""Makes, changes, reads and deletes objects, in Pulumi's terms."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from testkit.fake_providers.core.changes import Change, changes, lookup, pruned, put
from testkit.fake_providers.core.protocol import Failed, PartlyDone
from testkit.fake_providers.core.values import UNKNOWN, Properties, has_unknown, renamed
from testkit.fake_providers.kubernetes import comparison, inputs, ownership, waiting
from testkit.fake_providers.kubernetes.cluster import Cluster, Object, Refused, Unreachable
from testkit.fake_providers.kubernetes.immutables import replacing
from testkit.fake_providers.kubernetes.readiness import REVISION, judge
from testkit.fake_providers.kubernetes.settings import Settings
from testkit.fake_providers.kubernetes.tokens import Kind, identifier, parts

MANAGER = "__fieldManager"
"""The output that keeps the field manager's name: each object has its own."""

PREVIEWED = ("uid", "resourceVersion", "creationTimestamp", "generation")
_COMPUTED: dict[str, tuple[str, ...]] = {
    "Service": ("clusterIP", "clusterIPs"),
    "PersistentVolumeClaim": ("volumeName",),
}
_NOT_INPUTS = (*PREVIEWED, "managedFields", "selfLink", "deletionTimestamp", "ownerReferences")
_ENDS_UNAWAITED = frozenset(
    {"DaemonSet", "Deployment", "Job", "Namespace", "Pod", "ReplicationController", "StatefulSet"}
)
_MISSING_NAMESPACE_RETRIES = 5
_ALREADY_THERE = (
    "{}\n\nThe resource already exists in the cluster. Import it, use a Patch resource, or set "
    "upsertExistingObjects on the provider to take it over."
)
_NOT_LIVE = (
    'the Kubernetes API server reported that "{}" failed to fully initialize or become live: {}'
)


@dataclass(frozen=True)
class Difference:
    """What an update would do."""

    changes: Sequence[Change]
    replacing: Sequence[Change]
    delete_first: bool


@dataclass(frozen=True)
class Seen:
    """A resource as it really is."""

    resource_id: str
    outputs: Properties
    inputs: Properties
    unready: list[str] = field(default_factory=list)


class Objects:
    """The objects of one cluster."""

    def __init__(self, cluster: Cluster, settings: Settings, cancelled: Event) -> None:
        self._cluster, self._settings, self._cancelled = cluster, settings, cancelled

    def diff(self, kind: Kind, state: Properties, old: Properties, news: Properties) -> Difference:
        """How the new inputs differ from what the state says of the object."""
        live = _dashed(state)
        # The name and namespace are what they are, also where the inputs had none.
        shape = {"metadata": {"name": "", "namespace": ""}} | _dashed(old)
        found = list(changes(pruned(live, shape), _dashed(news)))
        found = comparison.meant(self._cluster, kind, live, found)
        replaced = replacing(kind, news, found, self._settings.mutable)
        return Difference(found, replaced, bool(replaced) and _same_name(live, news))

    def previewed(self, kind: Kind, news: Properties) -> Properties:
        """The outputs of a creation that is only shown; Failed if the server refuses it."""
        if not has_unknown(news):
            self._try_creation(kind, news)
        metadata = news.get("metadata", {})
        outputs = news | {"metadata": metadata | dict.fromkeys(PREVIEWED, UNKNOWN)}
        for name in _COMPUTED.get(kind.name, ()):
            spec = outputs.get("spec", {})
            outputs["spec"] = {name: UNKNOWN} | spec
        if hasattr(inputs.resource_class(kind), "status"):
            outputs["status"] = UNKNOWN
        return outputs

    def previewed_update(self, kind: Kind, old: Properties, news: Properties) -> Properties:
        """The outputs of an update that is only shown."""
        if has_unknown(news):
            outputs = old | news | {"metadata": old.get("metadata", {}) | news["metadata"]}
        else:
            live = self._applied(kind, old, news, dry_run=True)
            outputs = _underscored(live) | {MANAGER: _manager(old)}
        if "status" in outputs:
            outputs["status"] = UNKNOWN
        return outputs

    def create(self, kind: Kind, news: Properties, timeout: float) -> tuple[str, Properties]:
        """Make an object and wait until it is ready."""
        manager = _new_manager()
        live = self._made(kind, news, manager)
        return self._awaited(kind, news, live, manager, timeout)

    def update(
        self, kind: Kind, state: Properties, news: Properties, timeout: float,
        ignored: Sequence[tuple[str | int, ...]],
    ) -> Properties:  # fmt: skip
        """Bring an object into a new state and wait until it is ready."""
        live = self._applied(kind, state, news, ignored=ignored)
        return self._awaited(kind, news, live, _manager(state), timeout)[1]

    def read(self, kind: Kind, resource_id: str, state: Properties, old: Properties) -> Seen | None:
        """An object as it is, ready or not; None if there is none. Without inputs: an import."""
        namespace, name = parts(resource_id)
        live = self._find(kind, namespace, name)
        if live is None:
            return None
        outputs = _underscored(live) | {MANAGER: _manager(state)}
        if not old:
            return Seen(resource_id, outputs, _importable(kind, live))
        seen = comparison.seen_inputs(live, _dashed(old))
        written = comparison.inputs_seen(self._cluster, kind, live, _dashed(old), seen)
        unready = [] if _skips_waiting(old) else self._unready(kind, live)
        return Seen(resource_id, outputs, _underscored(written), unready)

    def delete(self, kind: Kind, resource_id: str, state: Properties, timeout: float) -> None:
        """Delete an object and all that it owns; wait until it is gone."""
        namespace, name = parts(resource_id)
        policy = _annotation(state, "deletionPropagationPolicy").capitalize() or "Foreground"
        try:
            self._cluster.delete(kind, namespace, name, policy)
            if _skips_waiting(state) and kind.name in _ENDS_UNAWAITED:
                return
            seconds = _timeout(state, timeout)
            waiting.until_gone(
                self._cluster, kind, namespace, name, timeout=seconds, cancelled=self._cancelled
            )
        except waiting.NotReady as error:
            raise Failed("\n".join([error.message, *error.reasons])) from error
        except Unreachable as error:
            raise Failed(_unreachable(error)) from error
        except Refused as error:
            if error.code != 404:
                raise Failed(str(error)) from error

    def _try_creation(self, kind: Kind, news: Properties) -> None:
        """A dry run; what may be different when it is really made is no failure."""
        body = _dashed(news)
        namespace = body["metadata"].get("namespace", "")
        try:
            self._cluster.create(
                kind, namespace, body, dry_run="All", field_manager=ownership.CREATOR
            )
        except Unreachable:
            return
        except Refused as error:
            if error.code not in {403, 404, 409}:
                raise Failed(f"the API server refuses it: {error}") from error

    def _made(self, kind: Kind, news: Properties, manager: str) -> Object:
        """Make it; a namespace or kind that is not there yet may come while we retry."""
        for attempt in range(_MISSING_NAMESPACE_RETRIES + 1):
            try:
                return self._posted(kind, news, manager)
            except Unreachable as error:
                raise Failed(_unreachable(error)) from error
            except Refused as error:
                if error.code != 404 or attempt == _MISSING_NAMESPACE_RETRIES:
                    said = _ALREADY_THERE if error.reason == "AlreadyExists" else "{}"
                    raise Failed(said.format(error)) from error
            if self._cancelled.wait(0.5 * 2**attempt):
                raise Failed("the operation was cancelled")
        raise AssertionError

    def _posted(self, kind: Kind, news: Properties, manager: str) -> Object:
        body = _dashed(news)
        namespace = body["metadata"].get("namespace", "")
        if self._settings.upsert:
            return self._apply(kind, namespace, body, manager)
        return self._cluster.create(kind, namespace, body, field_manager=ownership.CREATOR)

    def _applied(
        self, kind: Kind, state: Properties, news: Properties, *, dry_run: bool = False,
        ignored: Sequence[tuple[str | int, ...]] = (),
    ) -> Object:  # fmt: skip
        body, manager = _dashed(news), _manager(state)
        namespace, name = _place(_dashed(state))
        live = self._find(kind, namespace, name)
        if live is None:
            raise Failed(f'{kind.name} "{name}" not found; `pulumi refresh` makes it anew')
        for path in ignored:
            put(body, path, lookup(live, path))
        try:
            if not dry_run and (operations := ownership.handed_over(live, manager)):
                self._cluster.patch(kind, namespace, name, operations)
            force = dry_run and ownership.is_shown_by_force(live)
            return self._apply(kind, namespace, body, manager, force=force, dry_run=dry_run)
        except Refused as error:
            raise Failed(str(error)) from error

    def _apply(
        self, kind: Kind, namespace: str, body: Object, manager: str, *, force: bool = False,
        dry_run: bool = False,
    ) -> Object:  # fmt: skip
        force = force or self._settings.force or _annotation(body, "patchForce") == "true"
        options: dict[str, Any] = {"dry_run": "All"} if dry_run else {}
        try:
            return self._cluster.apply(
                kind, namespace, body, field_manager=manager, force_conflicts=force, **options
            )
        except Refused as error:
            if error.reason != "Conflict":
                raise
            raise Failed(
                "server-side apply field conflict detected\nThe resource managed by field "
                f'manager "{manager}" had an apply conflict: {error}'
            ) from error

    def _awaited(
        self, kind: Kind, news: Properties, live: Object, manager: str, timeout: float
    ) -> tuple[str, Properties]:
        resource_id = identifier(*_place(live))
        try:
            if not _skips_waiting(news):
                seconds = _timeout(news, timeout)
                live = waiting.until_ready(self._cluster, kind, live, seconds, self._cancelled)
        except waiting.NotReady as error:
            outputs = _underscored(error.live) | {MANAGER: manager}
            message = _NOT_LIVE.format(resource_id, error.message)
            reasons = [message, *error.reasons]
            raise PartlyDone(message, resource_id, outputs, news, reasons) from error
        return resource_id, _underscored(live) | {MANAGER: manager}

    def _find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        try:
            return self._cluster.find(kind, namespace, name)
        except Unreachable as error:
            raise Failed(_unreachable(error)) from error
        except Refused as error:
            if error.reason == "NoMatch":
                return None
            raise Failed(str(error)) from error

    def _unready(self, kind: Kind, live: Object) -> list[str]:
        namespace, name = _place(live)
        verdict = judge(kind, live, waiting.Around(self._cluster, namespace, waiting.LONG_AGO))
        if verdict.ready:
            return []
        return [f"Resource '{name}' was created but failed to initialize", *verdict.reasons]


def _importable(kind: Kind, live: Object) -> Properties:
    """What of a live object may be inputs, when no inputs are known."""
    metadata = {n: v for n, v in live["metadata"].items() if n not in _NOT_INPUTS}
    annotations = {n: v for n, v in metadata.pop("annotations", {}).items() if n != REVISION}
    metadata |= {"annotations": annotations} if annotations else {}
    rest = {name: value for name, value in live.items() if name != "status"}
    return _underscored(rest | {"metadata": metadata})


def _manager(state: Properties) -> str:
    return str(state.get(MANAGER) or _new_manager())


def _new_manager() -> str:
    return f"{ownership.CREATOR}-{random.token_hex(4)}"


def _same_name(live: Object, news: Properties) -> bool:
    return _place(live) == _place(news)


def _place(thing: Mapping[str, Any]) -> tuple[str, str]:
    metadata = thing.get("metadata", {})
    return metadata.get("namespace", ""), metadata.get("name", "")


def _annotation(thing: Mapping[str, Any], name: str) -> str:
    annotations = thing.get("metadata", {}).get("annotations") or {}
    return str(annotations.get(f"pulumi.com/{name}", "")) if annotations != UNKNOWN else ""


def _skips_waiting(thing: Mapping[str, Any]) -> bool:
    return _annotation(thing, "skipAwait") == "true"


def _timeout(thing: Mapping[str, Any], given: float) -> float:
    """Of the resource's options, else of its annotation, else the usual one."""
    annotated = _annotation(thing, "timeoutSeconds")
    return given or (float(annotated) if annotated.isdigit() else waiting.TIMEOUT)


def _unreachable(error: Unreachable) -> str:
    return f"configured Kubernetes cluster is unreachable: {error}"


def _underscored(thing: Object) -> Properties:
    """`x-kubernetes-*` as Pulumi has it."""
    return dict(renamed(thing, lambda n: n.replace("-", "_") if n.startswith("x-kube") else n))


def _dashed(properties: Properties) -> Object:
    """As the API server has it, without the outputs that are the provider's own."""
    own = {name: value for name, value in properties.items() if not name.startswith("__")}
    return dict(renamed(own, lambda n: n.replace("_", "-") if n.startswith("x_kube") else n))
