"""The team's package in the cluster: one archive in the bucket, which each step unpacks."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pilothouse.errors import InvalidInput, Refused
from pilothouse.services.object_store import S3ObjectStore
from pilothouse.targets.kubernetes.clients.kinds import NAMESPACE, SECRET
from pilothouse.targets.kubernetes.clients.target import BY_POD
from pilothouse.targets.shared import package_archive

if TYPE_CHECKING:
    from pilothouse.contract import Capability
    from pilothouse.packages.package import Package
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.operations.airflow_image import Found
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan, KubernetesSettings


def deliver(storage: Capability[str], package: Package) -> None:
    """Put the archive into the bucket where it is not yet, and name it as the current one.

    Raises Refused where only pods may write to the bucket.
    """
    remedy = "give the external store keys (`objectStore.secret`) to run a workload"
    package_archive.deliver(writable_store(storage, remedy), package)


def check_python(plan: KubernetesPlan, image: Found, package: Package) -> None:
    """Raise InvalidInput where the package is for another Python than the image has."""
    if package.python != image.python:
        problem = plan.platform.problem(
            "workload.python",
            found=f"{package.python}, where Airflow's image has Python {image.python}",
            remedy=f'write python: "{image.python}", or name an image with Python {package.python} '
            "and boto3 as `images.workload` in the stack file",
        )
        raise InvalidInput([problem])


def writable_store(storage: Capability[str], remedy: str) -> S3ObjectStore:
    """The bucket, for writing from here; Refused with the remedy where only pods may."""
    if storage.submit.get("kind") == BY_POD:
        raise Refused(
            "the bucket is open to pods by their roles alone, and a package is written from here: "
            f"{remedy}"
        )
    return S3ObjectStore(storage)


def secrets(
    cluster: Cluster, namespace: str, settings: KubernetesSettings, names: Sequence[str]
) -> Mapping[str, str | None]:
    """Those of `names` that the Secret has, with their values.

    All without a value, where there is no namespace to look into yet.
    """
    if not settings.workload.secret:
        return {}
    if cluster.get(NAMESPACE, namespace) is None:
        return dict.fromkeys(names)
    found = cluster.get(SECRET, settings.workload.secret, namespace)
    known = dict((found and found.data) or {})
    return {name: _text(known[name]) for name in names if name in known}


def _text(data: str) -> str | None:
    try:
        return b64decode(data).decode()
    except UnicodeDecodeError:
        return None
