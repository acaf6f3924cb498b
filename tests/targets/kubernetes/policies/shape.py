"""What single values look like: names, ports, quantities, schedules."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

from testkit.fake_providers.kubernetes.quantities import amount

from pilothouse.targets.kubernetes.naming import COMPONENT_LABEL
from tests.targets.kubernetes.policies.manifests import Manifest, Manifests, Pod, label

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_LIMITS: Mapping[str, int] = {"Service": 63, "CronJob": 52, "StatefulSet": 52, "Namespace": 63}
"""Characters of a name, where what is made of it has to fit in 63."""

_PORT = re.compile(r"[Pp]ort$")
_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_STEP = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")


def names_are_unique(all_of: Manifests) -> Iterator[str]:
    """No two objects of a kind have one name in one namespace."""
    named = [(label(o), o["metadata"].get("namespace", "")) for o in all_of.objects]
    yield from (f"{name} is there twice" for (name, _), n in Counter(named).items() if n > 1)


def names_are_valid(all_of: Manifests) -> Iterator[str]:
    """Names are DNS labels short enough for what is made of them; labels' values are valid."""
    for each in all_of.objects:
        limit = _LIMITS.get(each["kind"], 253)
        if not _is_name(each["metadata"]["name"], limit):
            yield f"{label(each)} is no name of up to {limit} characters"
        for key, value in (each["metadata"].get("labels") or {}).items():
            if len(value) > 63 or not _VALUE.fullmatch(value):
                yield f"{label(each)}: label {key} has no valid value"
    for pod in all_of.pods:
        inner = [each["name"] for each in [*pod.containers, *pod.volumes]]
        yield from (f"{pod.source}: {name} is no name" for name in inner if not _is_name(name, 63))


def ports_are_in_range(all_of: Manifests) -> Iterator[str]:
    """Every port is between 1 and 65535, and a pod serves none twice."""
    for each in all_of.objects:
        for key, value in _values(each.get("spec") or {}):
            if _PORT.search(key) and isinstance(value, int) and not 1 <= value <= 65535:
                yield f"{label(each)}: {key} {value} is no port"
    for pod in all_of.pods:
        ports = [port for container in pod.containers for port in container.get("ports") or []]
        served = Counter((p["containerPort"], p.get("protocol", "TCP")) for p in ports)
        yield from (f"{pod.source} serves {port} twice" for port, n in served.items() if n > 1)


def quantities_are_in_order(all_of: Manifests) -> Iterator[str]:
    """Every quantity is one, above nothing where it is asked for, and at most its limit."""
    for source, resources in _resources(all_of):
        requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
        for name, text in [*requests.items(), *limits.items()]:
            if amount(text) is None:
                yield f"{source}: {name} {text} is no quantity"
        for name in requests.keys() & limits.keys():
            asked, most = amount(requests[name]), amount(limits[name])
            if asked is not None and most is not None and not Decimal(0) < asked <= most:
                yield f"{source}: {name} asks {requests[name]} of at most {limits[name]}"


def the_quota_has_room(all_of: Manifests) -> Iterator[str]:
    """For every pod at once, while every Deployment starts a quarter more, rounded up."""
    (quota,) = all_of.kind("ResourceQuota") or [_NO_QUOTA]
    total: Counter[str] = Counter()
    most: dict[str, Counter[str]] = {}
    for pod in [*all_of.pods, *_steps(all_of)]:
        count, asked = _at_once(all_of, pod), _asked(pod)
        every = Counter({"pods": count})
        for side, name in product(asked, ("cpu", "memory")):
            every[f"{side}.{name}"] = count * asked[side][name]
        if pod.source.startswith("ConfigMap "):  # a task has one pod or another of a component
            component = pod.labels[COMPONENT_LABEL]
            most[component] = most.get(component, Counter()) | every
        else:
            total += every
    for every in most.values():
        total += every
    for name, needed in total.items():
        room = amount(str(quota["spec"]["hard"].get(name, "0")))
        if room is None or room < needed:
            yield f"{label(quota)}: {name} {room} is less than the {needed} of a change"


def _steps(all_of: Manifests) -> Iterator[Pod]:
    """The pods of the team's steps, each with the resources that its task gives it."""
    files = (all_of.named("ConfigMap", "airflow-files") or {"data": {}})["data"]
    steps = json.loads(files.get("workload.json", "{}")).get("steps", {})
    pods = [pod for pod in all_of.pods if pod.source.endswith("step.yaml")]
    for pod, step in product(pods, steps.values()):
        (container,) = pod.spec["containers"]
        changed = {**container, "resources": step["resources"]}
        yield replace(pod, spec={**pod.spec, "containers": [changed]})


_NO_QUOTA: Manifest = {
    "kind": "ResourceQuota",
    "metadata": {"name": "platform"},
    "spec": {"hard": {}},
}


def _at_once(all_of: Manifests, pod: Pod) -> int:
    """How many pods of this template there may be."""
    kind, name, *_ = pod.source.split(" ")
    if kind == "ConfigMap":
        found = all_of.named("ConfigMap", "airflow") or {}
        return int(found["data"]["AIRFLOW__CORE__PARALLELISM"])
    if kind != "Deployment":
        return 2  # one may still be ending when the next one starts
    scaler, made = all_of.named("HorizontalPodAutoscaler", name), all_of.named(kind, name) or {}
    replicas = scaler["spec"]["maxReplicas"] if scaler else made["spec"].get("replicas", 1)
    return int(replicas + math.ceil(replicas / 4))


def _asked(pod: Pod) -> dict[str, Counter[str]]:
    """What a pod asks for: its containers' sum, which those that run before it stay below."""
    beside = [c for c in pod.containers if c.get("restartPolicy") == "Always"]
    asked: dict[str, Counter[str]] = {"requests": Counter(), "limits": Counter()}
    for side, total in asked.items():
        for container in [*pod.spec["containers"], *beside]:
            for name, text in container["resources"].get(side, {}).items():
                total[name] += amount(text) or 0  # type: ignore[assignment]
    return asked


def schedules_are_valid(all_of: Manifests) -> Iterator[str]:
    """A CronJob's schedule has five fields, each in its range."""
    for each in all_of.kind("CronJob"):
        fields = each["spec"]["schedule"].split()
        valid = len(fields) == len(_FIELDS) and all(
            _is_field(field, *bounds) for field, bounds in zip(fields, _FIELDS, strict=True)
        )
        if not valid:
            yield f"{label(each)}: {each['spec']['schedule']!r} is no schedule"


def schedules_are_in_utc(all_of: Manifests) -> Iterator[str]:
    """A CronJob names its time zone: else the same schedule means another hour elsewhere."""
    for each in all_of.kind("CronJob"):
        if (zone := each["spec"].get("timeZone")) != "Etc/UTC":
            yield f"{label(each)}: its time zone is {zone}"


def _is_name(name: str, limit: int) -> bool:
    return len(name) <= limit and bool(_NAME.fullmatch(name))


def _is_field(field: str, least: int, most: int) -> bool:
    for part in field.split(","):
        found = _STEP.fullmatch(part)
        if not found or found[3] == "0":
            return False
        bounds = [int(found[1] or least), int(found[2] or found[1] or most)]
        if not least <= bounds[0] <= bounds[1] <= most:
            return False
    return True


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value that has a key, wherever it stands."""
    if isinstance(value, dict):
        yield from value.items()
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item)


def _resources(all_of: Manifests) -> Iterator[tuple[str, Any]]:
    """Requests and limits, with whose they are."""
    for pod in all_of.pods:
        yield from ((pod.source, each.get("resources") or {}) for each in pod.containers)
    for claim in all_of.kind("PersistentVolumeClaim"):
        yield label(claim), claim["spec"]["resources"]
    for quota in all_of.kind("ResourceQuota"):
        yield label(quota), {"limits": quota["spec"]["hard"]}
    for each in all_of.kind("LimitRange"):
        for usual in each["spec"]["limits"]:
            yield (
                label(each),
                {
                    "requests": usual.get("defaultRequest"),
                    "limits": usual.get("default"),
                },
            )
