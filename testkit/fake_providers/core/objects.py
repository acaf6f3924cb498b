"""Objects that the tests of the double ask for."""

from __future__ import annotations

from typing import Any

from testkit.fake_providers.core.stacks import IMAGE


def container(**fields: Any) -> dict[str, Any]:
    """A container that sleeps, small enough for any node."""
    return {
        "name": "main", "image": IMAGE, "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "3600"],
        "resources": {"requests": {"cpu": "0.01", "memory": "16Mi"}},
    } | fields  # fmt: skip


def pod_spec(*, restart: str = "Always", volumes: list[Any] | None = None, **fields: Any) -> Any:
    """The specification of a pod with that container, which ends at once when told to."""
    spec = {
        "containers": [container(**fields)], "terminationGracePeriodSeconds": 0,
        "restartPolicy": restart,
    }  # fmt: skip
    return spec | ({"volumes": volumes} if volumes else {})


def workload(spec: Any, *, replicas: int = 1, **fields: Any) -> dict[str, Any]:
    """The specification of a Deployment, or with more fields of a StatefulSet."""
    labels = {"app": "main"}
    template = {"metadata": {"labels": labels}, "spec": spec}
    selector = {"matchLabels": labels}
    return {"replicas": replicas, "selector": selector, "template": template} | fields
