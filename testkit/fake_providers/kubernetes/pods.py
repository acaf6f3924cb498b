"""What keeps a pod from being ready, in the real provider's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from testkit.fake_providers.kubernetes.cluster import Object

_STARTING = frozenset({"ContainerCreating", "PodInitializing"})
_CAUSES = {
    "ErrImagePull": "image", "ImagePullBackOff": "image", "InvalidImageName": "image",
    "ErrImageNeverPull": "image", "ImageInspectError": "image",
    "CreateContainerConfigError": "configuration", "CreateContainerError": "configuration",
    "RunContainerError": "configuration",
}  # fmt: skip
"""Reasons that do not go away by themselves, and what they are about."""


@dataclass(frozen=True)
class Trouble:
    """One thing that is amiss; `cause` is empty if it may well go away by itself."""

    text: str
    cause: str = ""
    subject: str = ""


def is_ready(pod: Object) -> bool:
    """Whether it is scheduled, initialized and ready, or has ended well."""
    if pod.get("status", {}).get("phase") == "Succeeded":
        return True
    conditions = ("PodScheduled", "Initialized", "Ready")
    return all(condition(pod, name).get("status") == "True" for name in conditions)


def condition(thing: Object, name: str) -> Object:
    """A condition of an object's status, or an empty one."""
    found: list[Object] = thing.get("status", {}).get("conditions", [])
    return next((item for item in found if item["type"] == name), {})


def troubles(pod: Object, events: Iterable[Object]) -> list[Trouble]:
    """Everything that is amiss with a pod; nothing if it is ready."""
    if is_ready(pod):
        return []
    name = pod["metadata"]["name"]
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        text = f"{_title(pod)}: [{scheduled.get('reason')}] {scheduled.get('message', '')}"
        return [Trouble(text, "scheduling", name)]
    found = [trouble for status in _statuses(pod) for trouble in _of_container(pod, status)]
    found += _of_volumes(pod, events) if _is_starting(pod) else []
    return found or _of_condition(pod)


def _of_container(pod: Object, status: Object) -> Iterator[Trouble]:
    state, name = status.get("state", {}), pod["metadata"]["name"]
    waiting, ended = state.get("waiting"), state.get("terminated")
    if waiting and waiting.get("reason") not in _STARTING:
        reason = waiting.get("reason", "")
        text = f"{_title(pod)}: [{reason}] {waiting.get('message', '')}".rstrip()
        yield Trouble(text, _CAUSES.get(reason, ""), name)
    for terminated in filter(None, (ended, status.get("lastState", {}).get("terminated"))):
        if terminated.get("exitCode"):
            yield Trouble(f"{_title(pod)}: {_exit(status['name'], terminated)}")


def _exit(container: str, terminated: Object) -> str:
    """How a container ended, with the last line that it left."""
    message = str(terminated.get("message", "")).strip()
    said = f": {message}" if message else ""
    return (
        f'container "{container}" terminated at {terminated.get("finishedAt")} '
        f"({terminated.get('reason')}: exit code {terminated['exitCode']}){said}"
    )


def _of_volumes(pod: Object, events: Iterable[Object]) -> Iterator[Trouble]:
    """A volume that cannot be mounted shows in events only."""
    for event in events:
        if event.get("reason") in {"FailedMount", "FailedAttachVolume"}:
            cause = "volume" if "not found" in event.get("message", "") else ""
            text = f"{_title(pod)}: [{event['reason']}] {event.get('message', '')}"
            yield Trouble(text, cause, pod["metadata"]["name"])


def _of_condition(pod: Object) -> list[Trouble]:
    message = condition(pod, "Ready").get("message") or condition(pod, "Initialized").get("message")
    return [Trouble(f"{_title(pod)}: {message}")] if message else []


def _is_starting(pod: Object) -> bool:
    waiting = [status.get("state", {}).get("waiting") or {} for status in _statuses(pod)]
    return any(state.get("reason") in _STARTING for state in waiting)


def _statuses(pod: Object) -> list[Any]:
    status = pod.get("status", {})
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def _title(pod: Object) -> str:
    namespace, name = pod["metadata"].get("namespace", ""), pod["metadata"]["name"]
    return f"[Pod {namespace}/{name}]" if namespace not in {"", "default"} else f"[Pod {name}]"
