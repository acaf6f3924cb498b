"""The built-in workload in the bucket, where no image of the stack has it."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pilothouse.packages import bundle, package
from pilothouse.services import proof
from pilothouse.services.object_store import ObjectNotFound, S3ObjectStore
from pilothouse.targets.kubernetes.objects.images import pinned_images, workload_python
from pilothouse.targets.kubernetes.operations import airflow_image, delivery
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD

if TYPE_CHECKING:
    from pilothouse.contract import Capability
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan


def deliver(
    cluster: Cluster, namespace: str, plan: KubernetesPlan, storage: Capability[str]
) -> str:
    """Put the package for the image's Python into the bucket; a sentence that says so.

    "" where it is there already, or where the stack file names an image that has it. Raises
    Refused where only pods may write to the bucket.
    """
    if WORKLOAD in plan.settings.images:
        return ""
    remedy = "build the workload's image and name it as `images.workload`"
    store = delivery.writable_store(storage, remedy)
    wanted = {"content": proof.content_digest(), "image": pinned_images(plan)[WORKLOAD]}
    if wanted.items() <= _current(store).items():
        return ""
    python = workload_python(plan) or airflow_image.look(cluster, namespace).python
    with TemporaryDirectory() as folder:
        made = package.of_source(proof.SOURCE, proof.LOCK, python, Path(folder))
        store.write(bundle.key_of(made), bundle.make(made))
        current = Path(folder, "proof.json")
        current.write_text(json.dumps({**wanted, "package": made.digest}), encoding="utf-8")
        store.write(proof.CURRENT, current)
    return f"package {made.name} {made.digest} for Python {python} is delivered"


def _current(store: S3ObjectStore) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(store.read(proof.CURRENT))
    except ObjectNotFound:
        return {}
    return found
