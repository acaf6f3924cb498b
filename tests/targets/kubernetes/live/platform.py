"""What the tests do to the platform that they share, and what its commands say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from testkit.cluster.settings import PLATFORM, SAME_PLATFORM
from testkit.support.clusters import ClusterStack

IMPATIENCE = "30s"  # the `readyTimeout` of an `up` that is expected to fail
# Seconds of a command that fails. The plugin's wait for a Job begins anew at each event of its
# pods, which the kubelet's retries of a pull send for minutes.
SOON = 300.0
VOLUMES = "pilot-volumes"  # the StorageClass of the platform


def storage_class(provisioner: str, mode: str) -> dict[str, Any]:
    """The StorageClass of the platform's volumes."""
    return {
        "metadata": {"name": VOLUMES},
        "provisioner": f"pilothouse.test/{provisioner}",
        "volumeBindingMode": mode,
        "reclaimPolicy": "Delete",
    }


@dataclass(frozen=True)
class Failure:
    """What a command said that failed, and after how many seconds."""

    output: str
    seconds: float

    def tells(self, *words: str) -> None:
        """It was over soon, and said so."""
        print(f"failed after {self.seconds:.1f} s")  # noqa: T201 - a figure
        for word in words:
            assert word in self.output
        assert self.seconds < SOON


@contextmanager
def opened(platform: ClusterStack) -> Iterator[dict[str, Any]]:
    """The contract by ports of this machine, with its secrets."""
    from pilothouse.lifecycle.stack import Stack

    stack = Stack.open(platform.stack.project, platform.stack.name, today=None)
    with stack.operations.accessible(stack.contract()) as contract:
        yield dict(contract)


def failing_up(platform: ClusterStack) -> Failure:
    """What an `up` says that is expected to fail."""
    began = time.monotonic()
    output = platform.stack.run("up", expect=1)
    return Failure(output, time.monotonic() - began)


def all_run(platform: ClusterStack) -> bool:
    """Whether `status` says that every service runs."""
    services = platform.stack.json("status")["services"]
    return all(service["state"] == "running" for service in services)


def change_image(platform: ClusterStack, ready_timeout: str = "5m", **images: str) -> None:
    """Say in the stack's file which images these roles run, and the test's own all others."""
    platform.settings(storage_class=VOLUMES, ready_timeout=ready_timeout, images=images)


def image_of(platform: ClusterStack, component: str) -> str:
    """The image of a Deployment's first container, as the cluster has it."""
    spec = platform.apps.read_namespaced_deployment(component, platform.namespace).spec
    return str(spec.template.spec.containers[0].image)


def other_image(platform: ClusterStack) -> str:
    """The tag of the same image that MLflow does not run by."""
    return PLATFORM if image_of(platform, "mlflow") == SAME_PLATFORM else SAME_PLATFORM


def version_of(proof: Any) -> int:
    """The version of the model that a proof has registered."""
    places = {each["place"]: str(each["found"]) for each in proof["evidence"]}
    return int(places["registry"].rpartition(" ")[2])
