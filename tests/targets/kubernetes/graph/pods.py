"""The pods of a recorded graph: those of its workloads, and those that Airflow launches."""

import json
from collections.abc import Mapping
from typing import Any

from pilothouse.targets.kubernetes import naming
from tests.targets.suite.recorder import Recorded, Recording, revealed

SECRETS = "/secrets/"
EVERYWHERE: dict[str, Any] = {
    "nodeSelector": {"pool": "ml"},
    "tolerations": [{"key": "ml", "operator": "Exists"}],
    "affinity": {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]
        }
    },
    "runtimeClassName": "gvisor",
    "env": {"TZ": "Europe/Berlin"},
    "podAnnotations": {"example.org/team": "churn"},
}
"""What a stack file may say of every pod."""

WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")


def launched(graph: Recording) -> list[Recorded]:
    return [resource for kind in WORKLOADS for resource in graph.kind(kind)]


def template(resource: Recorded) -> dict[str, Any]:
    spec = revealed(dict(resource.inputs))["spec"]
    while "template" not in spec:
        spec = spec["jobTemplate"]["spec"]
    return dict(spec["template"])


def pods_of_airflow(graph: Recording) -> dict[str, dict[str, Any]]:
    """The pods that Airflow launches, by the name of their file."""
    files = revealed(dict(graph.one("ConfigMap airflow-files").inputs))["data"]
    return {name: json.loads(text) for name, text in files.items() if name.endswith(".yaml")}


def component(pod: dict[str, Any]) -> str:
    return str(pod["metadata"]["labels"][naming.COMPONENT_LABEL])


def pods(graph: Recording) -> dict[str, dict[str, Any]]:
    """Every pod's template, by the component that it is of."""
    found = [template(resource) for resource in launched(graph)]
    return {component(pod): pod for pod in [*found, *pods_of_airflow(graph).values()]}


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """Every container of a pod, those that run before its own among them."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def keys_read(pod: Mapping[str, Any], container: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The variables that a container reads from single keys of Secrets: Secret and key by name."""
    chosen = {
        volume["name"]: volume["projected"]["sources"]
        for volume in pod["spec"]["volumes"]
        if "projected" in volume
    }
    return {
        item["path"]: (source["secret"]["name"], item["key"])
        for mount in container["volumeMounts"]
        if mount["mountPath"].startswith(SECRETS)
        for source in chosen.get(mount["name"], ())
        for item in source["secret"]["items"]
    }


def secrets_of(container: dict[str, Any]) -> list[str]:
    """The Secrets whose keys become variables of a container."""
    paths = [mount["mountPath"] for mount in container["volumeMounts"]]
    return [path.removeprefix(SECRETS) for path in paths if path.startswith(SECRETS)]
