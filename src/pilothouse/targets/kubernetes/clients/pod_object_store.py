"""Reads objects where only pods may: by a Job in the pod of the packaged workload.

Its service account has the role that opens the bucket, and nobody outside the cluster has a key.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.services import proof
from pilothouse.services.object_store import READ_OBJECT, ObjectNotFound
from pilothouse.targets.kubernetes.clients import jobs
from pilothouse.targets.kubernetes.clients.kinds import CONFIG_MAP
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD, WORKLOAD_POD

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

READ_WITHIN = 180.0  # seconds, with the start of the pod
_LIFETIME = {"activeDeadlineSeconds": int(READ_WITHIN), "ttlSecondsAfterFinished": 60}
"""Of a Job whose reader was killed: nobody else deletes it, since others may be reading."""


class PodObjectStore:
    """The objects below `uri`, as the pods of the workload in `namespace` see them."""

    def __init__(self, cluster: Cluster, namespace: str, uri: str) -> None:
        self._cluster, self._namespace, self._uri = cluster, namespace, uri

    def address(self, name: str) -> str:
        """Where the object is, `s3://bucket/prefix/name`."""
        return f"{self._uri.rstrip('/')}/{name}"

    def read(self, name: str) -> bytes:
        """The object's content.

        Raises ObjectNotFound, and PilothouseError where the Job fails or does not end in time.
        """
        address, pod = self.address(name), self._pod()
        (container,) = pod["spec"]["containers"]
        # The words before the workload's own program read the secrets.
        command: list[str] = container["command"]
        own = next(n for n, word in enumerate(command) if word in ("python", proof.NAME))
        reading = ["python", "-c", READ_OBJECT.read_text(encoding="utf-8"), address]
        container["command"] = [*command[:own], *reading]
        labels, spec = pod["metadata"]["labels"], {**_LIFETIME, "template": pod}
        log = jobs.run_template(
            self._cluster, self._namespace, WORKLOAD, labels, spec, seconds=READ_WITHIN
        )
        try:
            answer = json.loads(log.splitlines()[-1])
        except (IndexError, ValueError) as error:
            raise PilothouseError(f"a pod read {address} and gave no answer: {log}") from error
        if "missing" in answer:
            raise ObjectNotFound(f"no object {address}")
        return base64.b64decode(answer["content"])

    def _pod(self) -> dict[str, Any]:
        """The pod of the workload: its metadata and its spec."""
        name, file = WORKLOAD_POD
        found = self._cluster.get(CONFIG_MAP, name, self._namespace)
        if found is None:
            place = f"namespace {self._namespace}"
            raise PilothouseError(f"no ConfigMap {name} in {place}: bring the stack up")
        pod = json.loads(found.to_dict()["data"][file])
        return {"metadata": pod["metadata"], "spec": pod["spec"]}
