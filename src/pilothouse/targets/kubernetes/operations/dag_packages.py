"""What the team's DAGs import, in the bucket of data: what Airflow's image has not already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pilothouse.config import airflow_requirements
from pilothouse.errors import InvalidInput, PilothouseError
from pilothouse.packages import bundle, lock, uv
from pilothouse.services.airflow import requirements
from pilothouse.services.object_store import S3ObjectStore
from pilothouse.targets.kubernetes.clients.kinds import DEPLOYMENT
from pilothouse.targets.kubernetes.objects import dag_packages
from pilothouse.targets.kubernetes.objects.images import pinned_images
from pilothouse.targets.kubernetes.operations import airflow_image
from pilothouse.targets.kubernetes.operations.airflow_image import Found
from pilothouse.waiting import wait_until

if TYPE_CHECKING:
    from pilothouse.contract import Capability
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

READY_WITHIN = 600.0  # seconds, with images that are on the node already


def deliver(
    cluster: Cluster, namespace: str, plan: KubernetesPlan, storage: Capability[str]
) -> str:
    """Put the archive into the bucket where it is not yet; a sentence that says so.

    Returns once the pods that waited for it are ready. Raises InvalidInput where the image's own
    packages leave no solution, PilothouseError where the pods are not ready in time.
    """
    key, store = dag_packages.key(plan), S3ObjectStore(storage)
    if not key:
        return ""
    if not store.exists(key):
        _write(store, key, plan, airflow_image.look(cluster, namespace))
    _wait(cluster, namespace)
    return f"Airflow has what its DAGs require, from {store.address(key)}"


def _write(store: S3ObjectStore, key: str, plan: KubernetesPlan, image: Found) -> None:
    python, installed = image.python, image.installed
    try:
        addition = bundle.add(_wanted(plan, installed), python, installed)
        with TemporaryDirectory() as folder:
            archive = Path(folder, "packages.tar.gz")
            bundle.make_addition(addition, python, archive)
            store.write(key, archive)
    except uv.UvFailed as error:
        name = pinned_images(plan)["airflow"]
        problem = plan.platform.problem(
            airflow_requirements.KEY,
            found=f"what does not go together with Python {python} and the packages in {name}: "
            f"{error}",
            remedy="allow the versions that the image has, or build an image with the packages and "
            "name it as `images.airflow`",
        )
        raise InvalidInput([problem]) from error


def _wanted(plan: KubernetesPlan, installed: Sequence[str]) -> Sequence[str]:
    """The project's requirements, and what is locked for them of what the image has not."""
    file = airflow_requirements.find(plan.project, plan.platform)
    asked = airflow_requirements.read(file) if file else []
    locked = lock.pins(
        lock.without(
            requirements.additions(plan.project, plan.platform), lock.names("\n".join(installed))
        )
    )
    return [*asked, *locked]


def _wait(cluster: Cluster, namespace: str) -> None:
    names = [name for name in dag_packages.USERS if cluster.get(DEPLOYMENT, name, namespace)]

    def waiting() -> list[str]:
        return [name for name in names if not _is_rolled_out(cluster, namespace, name)]

    if not wait_until(lambda: not waiting(), seconds=READY_WITHIN):
        raise PilothouseError(
            f"not ready after {READY_WITHIN:g} s: {', '.join(waiting())}; `pilothouse status` "
            "names the reason"
        )


def _is_rolled_out(cluster: Cluster, namespace: str, name: str) -> bool:
    found: Any = cluster.get(DEPLOYMENT, name, namespace)
    if not found:
        return False
    status, wanted = found.status, found.spec.replicas
    counts = (status.updatedReplicas, status.availableReplicas, status.replicas)
    is_seen = (status.observedGeneration or 0) >= found.metadata.generation
    return bool(is_seen) and all((count or 0) == wanted for count in counts)
