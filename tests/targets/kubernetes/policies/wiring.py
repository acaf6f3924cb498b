"""What a pod refers to is there, under that name, with that key: no schema says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pilothouse.targets.kubernetes.objects.pods import SECRETS
from tests.targets.kubernetes.policies.manifests import (
    LONG_RUNNING,
    Manifest,
    Manifests,
    Pod,
    label,
    ports_of,
)

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATH = re.compile(r"(?:/[\w.-]+)+")
_SOURCES = {
    "configMap": ("ConfigMap", "name"),
    "secret": ("Secret", "secretName"),
    "persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"),
}
_REFERENCES = {
    "configMapRef": "ConfigMap", "secretRef": "Secret",
    "configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret",
}  # fmt: skip
Reference = tuple[str, str, str]
"""Kind, name, and a key of it: "" for the whole."""


def selectors_match_templates(all_of: Manifests) -> Iterator[str]:
    """A workload finds the pods that it makes, and they are nobody else's."""
    for each in all_of.kind(*LONG_RUNNING):
        wanted = each["spec"]["selector"].get("matchLabels") or {}
        found = {pod.source for pod in all_of.selected(wanted)}
        if found != {label(each)}:
            yield f"{label(each)} selects the pods of {', '.join(sorted(found)) or 'nobody'}"


def mounts_have_volumes(all_of: Manifests) -> Iterator[str]:
    """Each mount names a volume of its pod, each volume is mounted, each path once."""
    for pod in all_of.pods:
        volumes = [volume["name"] for volume in pod.volumes]
        mounts = [m for container in pod.containers for m in container.get("volumeMounts") or []]
        for name in sorted({mount["name"] for mount in mounts} ^ set(volumes)):
            yield f"{pod.source}: volume {name} is only mounted, or only defined"
        if len(volumes) != len(set(volumes)):
            yield f"{pod.source}: two volumes have one name"
        for container in pod.containers:
            paths = [mount["mountPath"] for mount in container.get("volumeMounts") or []]
            if len(paths) != len(set(paths)) or not all(path.startswith("/") for path in paths):
                yield f"{pod.source}: a path is mounted twice, or is not absolute: {paths}"


def references_exist(all_of: Manifests) -> Iterator[str]:
    """Every ConfigMap, Secret, claim and service account that a pod names is there."""
    for pod in all_of.pods:
        for kind, name, _ in references(pod):
            if all_of.named(kind, name) is None:
                yield f"{pod.source}: there is no {kind} {name}"


def keys_exist(all_of: Manifests) -> Iterator[str]:
    """Every key of a ConfigMap or a Secret that a pod names is in it."""
    for pod in all_of.pods:
        for kind, name, key in references(pod):
            found = all_of.named(kind, name)
            if found and key and key not in keys_of(found):
                yield f"{pod.source}: {kind} {name} has no key {key}"


def files_exist(all_of: Manifests) -> Iterator[str]:
    """A file that a command or a variable names, below what is mounted, is there."""
    for pod in all_of.pods:
        for container in pod.containers:
            files = _mounted(all_of, pod, container)
            for path in _paths(container):
                folder = next((f for f in files if path.startswith(f"{f}/")), "")
                if (
                    folder
                    and path.removeprefix(f"{folder}/").partition("/")[0] not in files[folder]
                ):
                    yield f"{pod.source}: nothing is at {path}"


def claims_are_of_one(all_of: Manifests) -> Iterator[str]:
    """A volume is one object's: two would write into each other's files."""
    users: dict[str, set[str]] = {name: set() for name in all_of.names("PersistentVolumeClaim")}
    for pod in all_of.pods:
        for kind, name, _ in references(pod):
            if kind == "PersistentVolumeClaim":
                users.setdefault(name, set()).add(pod.source)
    for name, sources in users.items():
        if len(sources) != 1:
            yield f"volume {name} is of {', '.join(sorted(sources)) or 'nobody'}"


def routes_lead_to_services(all_of: Manifests) -> Iterator[str]:
    """What an Ingress or a route serves is a Service, at a port of it."""
    for ingress in all_of.kind("Ingress"):
        for rule in ingress["spec"].get("rules") or []:
            for path in rule.get("http", {}).get("paths") or []:
                backend = path["backend"]["service"]
                service = all_of.named("Service", backend["name"])
                ports = service["spec"]["ports"] if service else []
                known = {port["port"] for port in ports} | {port.get("name") for port in ports}
                if not {*backend["port"].values()} <= known:
                    yield f"{label(ingress)}: nothing is at {backend}"

    for route in all_of.kind("HTTPRoute"):
        for backend in (b for rule in route["spec"]["rules"] for b in rule["backendRefs"]):
            service = all_of.named("Service", backend["name"])
            ports = service["spec"]["ports"] if service else []
            if backend["port"] not in [port["port"] for port in ports]:
                yield f"{label(route)}: nothing is at {backend}"


def variables_have_names(all_of: Manifests) -> Iterator[str]:
    """What becomes environment variables is named like one, and named once."""
    for pod in all_of.pods:
        for container in pod.containers:
            names = [variable["name"] for variable in container.get("env") or []]
            if len(names) != len(set(names)):
                yield f"{pod.source}: a variable is given twice"
            for name in [*names, *_handed_over(all_of, pod, container)]:
                if not _VARIABLE.fullmatch(name):
                    yield f"{pod.source}: {name} is no name of a variable"


def probes_ask_served_ports(all_of: Manifests) -> Iterator[str]:
    """A probe asks a port that its container says it serves."""
    for pod in all_of.pods:
        for container in pod.containers:
            served = {port["containerPort"] for port in container.get("ports") or []}
            served |= {port.get("name") for port in container.get("ports") or []} - {None}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                asked = container.get(probe, {})
                asked = asked.get("httpGet") or asked.get("tcpSocket") or {}
                if asked and asked["port"] not in served:
                    yield f"{pod.source}: {probe} asks {asked['port']}, which it does not serve"


def services_select_pods(all_of: Manifests) -> Iterator[str]:
    """A Service leads to the pods of one long-running object."""
    for service in all_of.kind("Service"):
        found = all_of.selected(service["spec"].get("selector") or {})
        if [pod.kind in LONG_RUNNING for pod in found] != [True]:
            sources = ", ".join(pod.source for pod in found)
            yield f"{label(service)} leads to {sources or 'nobody'}"


def services_lead_to_served_ports(all_of: Manifests) -> Iterator[str]:
    """A Service's `targetPort` is one that its pods serve."""
    for service in all_of.kind("Service"):
        for pod in all_of.selected(service["spec"].get("selector") or {}):
            for port in service["spec"]["ports"]:
                target = port.get("targetPort", port["port"])
                if target not in ports_of(pod):
                    yield f"{label(service)}: {pod.source} does not serve {target}"


def governing_services_exist(all_of: Manifests) -> Iterator[str]:
    """A StatefulSet's `serviceName` is a Service."""
    for each in all_of.kind("StatefulSet"):
        if each["spec"]["serviceName"] not in all_of.names("Service"):
            yield f"{label(each)}: there is no Service {each['spec']['serviceName']}"


def bindings_bind(all_of: Manifests) -> Iterator[str]:
    """A RoleBinding's role and accounts are there."""
    for binding in all_of.kind("RoleBinding"):
        role = binding["roleRef"]
        if all_of.named(role["kind"], role["name"]) is None:
            yield f"{label(binding)}: there is no {role['kind']} {role['name']}"
        for subject in binding["subjects"]:
            same = subject.get("namespace") == binding["metadata"]["namespace"]
            if not same or all_of.named(subject["kind"], subject["name"]) is None:
                yield f"{label(binding)}: there is no {subject['kind']} {subject['name']}"


def scalers_have_targets(all_of: Manifests) -> Iterator[str]:
    """A HorizontalPodAutoscaler's target is there, and its bounds are in order."""
    for scaler in all_of.kind("HorizontalPodAutoscaler"):
        spec = scaler["spec"]
        target = spec["scaleTargetRef"]
        if all_of.named(target["kind"], target["name"]) is None:
            yield f"{label(scaler)}: there is no {target['kind']} {target['name']}"
        if not 1 <= spec.get("minReplicas", 1) <= spec["maxReplicas"]:
            yield f"{label(scaler)}: its least is not between 1 and its most"


def budgets_select_pods(all_of: Manifests) -> Iterator[str]:
    """A PodDisruptionBudget is about pods that there are, and lets a node be drained."""
    for budget in all_of.kind("PodDisruptionBudget"):
        if not all_of.selected(budget["spec"]["selector"]["matchLabels"]):
            yield f"{label(budget)} selects nothing"
        if budget["spec"].get("maxUnavailable") in (0, "0%"):
            yield f"{label(budget)} lets no pod go"


def references(pod: Pod) -> Iterator[Reference]:
    """What a pod names, but for what opens a registry: that one is its owner's."""
    yield "ServiceAccount", pod.spec.get("serviceAccountName", "default"), ""
    for volume in pod.volumes:
        yield from _of_volume(pod, volume)
    for container in pod.containers:
        variables = [each.get("valueFrom", {}) for each in container.get("env") or []]
        for source in [*(container.get("envFrom") or []), *variables]:
            for field in _REFERENCES.keys() & source.keys():
                yield _REFERENCES[field], source[field]["name"], source[field].get("key", "")


def _of_volume(pod: Pod, volume: Manifest) -> Iterator[Reference]:
    for source in volume.get("projected", {}).get("sources", []):
        chosen = source["secret"]
        yield from (("Secret", chosen["name"], item["key"]) for item in chosen["items"])
    for field, (kind, key) in _SOURCES.items():
        if source := volume.get(field):
            yield kind, source[key], ""
            yield from ((kind, source[key], item["key"]) for item in source.get("items") or [])
            if kind != "PersistentVolumeClaim":
                yield from ((kind, source[key], sub) for sub in _sub_paths(pod, volume["name"]))


def _sub_paths(pod: Pod, volume: str) -> Iterator[str]:
    for container in pod.containers:
        for mount in container.get("volumeMounts") or []:
            if mount["name"] == volume and mount.get("subPath"):
                yield mount["subPath"].partition("/")[0] or mount["subPath"]


def keys_of(holder: Manifest) -> set[str]:
    """The keys of a ConfigMap or a Secret."""
    return {
        key for field in ("data", "stringData", "binaryData") for key in holder.get(field) or ()
    }


def _handed_over(all_of: Manifests, pod: Pod, container: Manifest) -> Iterator[str]:
    """The variables that a container gets from whole ConfigMaps, and from files of Secrets."""
    for source in container.get("envFrom") or []:
        for field, reference in source.items():
            found: Any = all_of.named(_REFERENCES[field], reference["name"])
            yield from keys_of(found or {})
    for mount in container.get("volumeMounts") or []:
        if mount["mountPath"].startswith(f"{SECRETS}/"):
            yield from _keys_of_volume(all_of, pod, mount["name"])


def _keys_of_volume(all_of: Manifests, pod: Pod, name: str) -> Iterator[str]:
    volume: Manifest = next((v for v in pod.volumes if v["name"] == name), {})
    yield from _projected(volume)
    found = all_of.named("Secret", volume.get("secret", {}).get("secretName", ""))
    yield from keys_of(found or {})


def _projected(volume: Manifest) -> set[str]:
    """The files of a projected volume, which is of single keys of Secrets."""
    sources = volume.get("projected", {}).get("sources", [])
    return {item["path"] for source in sources for item in source["secret"]["items"]}


def _mounted(all_of: Manifests, pod: Pod, container: Manifest) -> dict[str, set[str]]:
    """The files of each folder that is of a ConfigMap or of Secrets."""
    sources = {volume["name"]: volume for volume in pod.volumes}
    files: dict[str, set[str]] = {}
    for mount in container.get("volumeMounts") or []:
        volume = sources.get(mount["name"], {})
        if "projected" in volume:
            files[mount["mountPath"]] = _projected(volume)
        for field, (kind, key) in _SOURCES.items():
            if kind != "PersistentVolumeClaim" and field in volume and "subPath" not in mount:
                files[mount["mountPath"]] = keys_of(all_of.named(kind, volume[field][key]) or {})
    return files


def _paths(container: Manifest) -> Iterator[str]:
    texts = [*container["command"], *(v.get("value", "") for v in container.get("env") or [])]
    for text in texts:
        yield from _PATH.findall(text)
