"""What can't be made is named with the cluster's own reason, and the next `up` converges."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from testkit.cluster.cluster import Cluster
from testkit.support.clusters import ClusterStack, cluster_stack

from pilothouse.config.quantities import seconds_of
from pilothouse.targets.kubernetes.operations.target import LIMIT_MARGIN
from tests.targets.kubernetes.live.platform import (
    IMPATIENCE,
    VOLUMES,
    Failure,
    all_run,
    change_image,
    failing_up,
    other_image,
)

pytestmark = [pytest.mark.live, pytest.mark.timeout(1500)]

MISSING = "pilothouse.test/missing:1"
TOO_LARGE = {"resources": {"requests": {"cpu": "500"}}}
OTHER_WORK = 60.0  # seconds of an `up` before the Job is made, and after the engine is interrupted
NO_LIBRARY = {"env": {"PYTHONHOME": "/nowhere"}}  # Python ends before it runs a line


@pytest.fixture(scope="module")
def failures(platform: ClusterStack) -> dict[str, Failure]:
    """What commands say that fail, one after another; the `up` after them all converges."""
    found = {}
    change_image(platform, IMPATIENCE, mlflow=MISSING)
    found["image"] = failing_up(platform)
    with full_quota(platform):
        change_image(platform, IMPATIENCE, mlflow=other_image(platform))
        found["quota"] = failing_up(platform)
    platform.settings(
        storage_class=VOLUMES, ready_timeout=IMPATIENCE, components={"mlflow": TOO_LARGE}
    )
    found["size"] = failing_up(platform)
    change_image(platform)
    platform.stack.run("up")
    return found


@contextmanager
def full_quota(platform: ClusterStack) -> Iterator[None]:
    core, namespace = platform.core, platform.namespace
    full = {"metadata": {"name": "full"}, "spec": {"hard": {"pods": "1"}}}
    core.create_namespaced_resource_quota(namespace, full)
    try:
        yield
    finally:
        core.delete_namespaced_resource_quota("full", namespace)


def test_an_image_that_is_not_there_is_named(failures: dict[str, Failure]) -> None:
    failures["image"].tells(MISSING, "mlflow-setup does not get ready")


def test_a_full_quota_is_named(failures: dict[str, Failure]) -> None:
    failures["quota"].tells("exceeded quota: full", "mlflow-setup does not get ready")


def test_a_pod_that_fits_on_no_node_is_named(failures: dict[str, Failure]) -> None:
    failures["size"].tells("Insufficient cpu", "mlflow does not get ready")


@pytest.mark.long
def test_a_job_that_fails_again_and_again_ends_the_up_with_its_last_words(
    platform: ClusterStack,
) -> None:
    """The plugin's wait would go on: each of the Job's failures starts its timeout anew."""
    platform.settings(
        storage_class=VOLUMES, ready_timeout=IMPATIENCE, components={"mlflow-setup": NO_LIBRARY}
    )
    try:
        failure = failing_up(platform)
    finally:
        change_image(platform)
        platform.stack.run("up")
    failure.tells(
        "mlflow-setup does not get ready",
        "the last lines of mlflow-setup, which failed",
        "No module named 'encodings'",
    )
    assert failure.seconds < seconds_of(IMPATIENCE) + LIMIT_MARGIN + OTHER_WORK
    assert all_run(platform)


def test_an_up_after_failures_converges(
    failures: dict[str, Failure], platform: ClusterStack
) -> None:
    assert len(failures) == len({"image", "quota", "size"})
    assert all_run(platform)
    assert set(platform.stack.json("up")["changes"]) == {"same"}


def test_a_namespace_of_somebody_else_is_refused_before_anything_is_made(
    cluster: Cluster,
) -> None:
    with cluster_stack(cluster.kubeconfig, f"foreign-{secrets.token_hex(3)}") as made:
        made.core.create_namespace({"metadata": {"name": made.namespace}})
        output = made.stack.run("up", expect=2)
        assert "exists and belongs to another stack" in output
        assert made.core.list_namespaced_secret(made.namespace).items == []


def test_a_cluster_that_does_not_answer_is_refused_with_the_remedy(
    cluster: Cluster, tmp_path: Path
) -> None:
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    nowhere = tmp_path / "kubeconfig"
    nowhere.write_text(yaml.safe_dump(config))
    with cluster_stack(cluster.kubeconfig, "nowhere") as made:
        output = made.stack.run("up", expect=2, KUBECONFIG=str(nowhere))
    assert "does not answer" in output
    assert "kubectl cluster-info" in output
