"""The container images of a stack: the stack file's or the default ones, by locked digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pilothouse.config.image_lock_file import pinned
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD
from pilothouse.targets.kubernetes.settings.images import default_images

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

_PYTHON = "-python"  # in the tags of Airflow's own images, before the version


def required_images(plan: KubernetesPlan) -> dict[str, str]:
    """The image of every role that the stack runs, as the stack file or images.yaml names it.

    Without one for the workload, its pods run in Airflow's, with the package from the bucket: in
    that with the package's Python, where that is not the stack file's own.
    """
    images = {**default_images(), **plan.settings.images}
    python = workload_python(plan)
    airflow = f"{_without_python(images['airflow'])}{python}" if python else images["airflow"]
    images.setdefault(WORKLOAD, airflow)
    unused = plan.settings.unused_image_roles()
    return {role: image for role, image in images.items() if role not in unused}


def workload_python(plan: KubernetesPlan) -> str:
    """The Python in the image of the workload's pods; "" where a stack file's image decides."""
    if plan.settings.images.keys() & {"airflow", WORKLOAD}:
        return ""
    workload = plan.platform.workload
    return workload.python if workload else default_images()["airflow"].rpartition(_PYTHON)[2]


def _without_python(image: str) -> str:
    return image.rpartition(_PYTHON)[0] + _PYTHON


def pinned_images(plan: KubernetesPlan) -> dict[str, str]:
    """The same images, each with its digest where one was locked."""
    locked = plan.locked_images
    return {
        role: pinned(image, locked.get(role, "")) for role, image in required_images(plan).items()
    }


def without_digest(images: Mapping[str, str]) -> list[str]:
    """The references without a digest, whose content may change under the same tag."""
    return sorted({reference for reference in images.values() if "@sha256:" not in reference})
