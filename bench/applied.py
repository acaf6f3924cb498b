"""The objects of a stack without pilothouse: one `kubectl apply`, until all are ready."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from testkit.cluster.cluster import Cluster
from testkit.support.clusters import ClusterStack

from bench.processes import log

LIMIT = 600.0  # seconds until all objects are ready, or deleted
PULUMI = "pulumi.com/"  # annotations that only the provider reads


def objects(stack: ClusterStack) -> list[dict[str, Any]]:
    """The objects of the running stack as its program requested them, in order of creation."""
    resources = stack.stack.resources()
    return [_plain(item["inputs"]) for item in resources if item["type"].startswith("kubernetes:")]


def _plain(thing: dict[str, Any]) -> dict[str, Any]:
    annotations = thing["metadata"].get("annotations", {})
    kept = {key: value for key, value in annotations.items() if not key.startswith(PULUMI)}
    return {**thing, "metadata": {**thing["metadata"], "annotations": kept}}


def life(cluster: Cluster, stack: ClusterStack, items: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds until all objects are ready, and until the namespace is deleted."""
    log("the same objects with one `kubectl apply`")
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    began = time.monotonic()
    cluster.kubectl("apply", "--server-side", "--filename=-", given=text)
    _wait_until(lambda: stack.unready() == [] and jobs_are_done(stack))
    ready = time.monotonic() - began
    log(f"  ready after {ready:.1f} s")
    began = time.monotonic()
    cluster.kubectl("delete", "namespace", stack.namespace)
    _wait_until(lambda: not stack.traces())
    return {"ready": ready, "down": time.monotonic() - began}


def jobs_are_done(stack: ClusterStack) -> bool:
    """Whether every Job that does not belong to a CronJob has succeeded."""
    found = stack.batch.list_namespaced_job(stack.namespace).items
    return all(job.status.succeeded for job in found if not job.metadata.owner_references)


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {LIMIT:.0f} s")
        time.sleep(0.5)
