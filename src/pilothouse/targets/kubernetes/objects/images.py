"""The container images of a stack: the stack file's or the default ones, by locked digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pilothouse.config.image_lock_file import pinned
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD
from pilothouse.targets.kubernetes.settings.images import default_images

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan


def required_images(plan: KubernetesPlan) -> dict[str, str]:
    """The image of every role that the stack runs, as the stack file or images.yaml names it.

    Without one for the workload, its pods run in Airflow's, with the package from the bucket.
    """
    images = {**default_images(), **plan.settings.images}
    images.setdefault(WORKLOAD, images["airflow"])
    unused = plan.settings.unused_image_roles()
    return {role: image for role, image in images.items() if role not in unused}


def pinned_images(plan: KubernetesPlan) -> dict[str, str]:
    """The same images, each with its digest where one was locked."""
    locked = plan.locked_images
    return {
        role: pinned(image, locked.get(role, "")) for role, image in required_images(plan).items()
    }


def without_digest(images: Mapping[str, str]) -> list[str]:
    """The references without a digest, whose content may change under the same tag."""
    return sorted({reference for reference in images.values() if "@sha256:" not in reference})
