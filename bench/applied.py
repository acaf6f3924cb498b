"""The objects of a stack without us: one `kubectl apply`, until all of them are ready."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from testkit.cluster.cluster import Cluster
from testkit.support.clusters import ClusterStack

from bench.surroundings import tell

LIMIT = 600.0  # seconds until everything is ready, or gone
OURS = "pulumi.com/"  # annotations that only the provider reads


def objects(stack: ClusterStack) -> list[dict[str, Any]]:
    """What the running stack asked its cluster for, in the order in which it was made."""
    found = stack.stack.resources()
    return [_plain(each["inputs"]) for each in found if each["type"].startswith("kubernetes:")]


def _plain(thing: dict[str, Any]) -> dict[str, Any]:
    annotations = thing["metadata"].get("annotations", {})
    kept = {key: value for key, value in annotations.items() if not key.startswith(OURS)}
    return {**thing, "metadata": {**thing["metadata"], "annotations": kept}}


def life(cluster: Cluster, stack: ClusterStack, wanted: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds until everything is ready, and of the namespace's deletion."""
    tell("the same objects with one `kubectl apply`")
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": wanted})
    began = time.monotonic()
    cluster.kubectl("apply", "--server-side", "--filename=-", given=text)
    _await(lambda: stack.unready() == [] and jobs_are_done(stack))
    ready = time.monotonic() - began
    tell(f"  ready after {ready:.1f} s")
    began = time.monotonic()
    cluster.kubectl("delete", "namespace", stack.namespace)
    _await(lambda: not stack.traces())
    return {"ready": ready, "down": time.monotonic() - began}


def jobs_are_done(stack: ClusterStack) -> bool:
    """Whether every Job that no CronJob made has succeeded."""
    found = stack.batch.list_namespaced_job(stack.namespace).items
    return all(job.status.succeeded for job in found if not job.metadata.owner_references)


def _await(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {LIMIT:.0f} s")
        time.sleep(0.5)
