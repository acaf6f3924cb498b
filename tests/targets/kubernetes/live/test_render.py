"""Rendered files on a real cluster: it takes every one, and they are a platform that gets ready."""

from __future__ import annotations

import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from testkit.cluster.cluster import Cluster
from testkit.support.clusters import ClusterStack, cluster_stack
from testkit.support.kubectl import kubectl
from testkit.support.stacks import REPOSITORY
from testkit.support.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

READY_SECONDS = 480


@pytest.fixture
def stack(cluster: Cluster) -> Iterator[ClusterStack]:
    """A stack that nobody sets up, of a name and a namespace that are its own, gone afterwards."""
    namespace = f"rendered-{secrets.token_hex(3)}"
    with cluster_stack(cluster.kubeconfig, namespace) as made:
        yield made
        kubectl(
            cluster.kubeconfig, "delete", "namespace", namespace, "--ignore-not-found", "--wait"
        )


def render(stack: ClusterStack, folder: Path, *options: str) -> list[Path]:
    """Its files in their order, written where neither an engine nor a cluster is at hand."""
    program = str(REPOSITORY / ".venv/bin/pilothouse")
    subprocess.run(
        [program, "render", stack.stack.name, folder, *options, "-C", stack.stack.project],
        env=stack.stack.environment() | {"PATH": "/nowhere", "KUBECONFIG": "/nowhere"},
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )
    return sorted(folder.glob("*.yaml"))


def test_the_api_server_takes_every_file_without_a_warning(
    stack: ClusterStack, cluster: Cluster, tmp_path: Path
) -> None:
    files = render(stack, tmp_path / "out")
    kubectl(cluster.kubeconfig, "apply", f"--filename={files[0]}")
    dry = ("apply", "--dry-run=server", f"--filename={tmp_path / 'out'}")
    lines = kubectl(cluster.kubeconfig, *dry)
    assert len(lines) == len(files) > 50
    assert [line for line in lines if "(server dry run)" not in line] == []


@pytest.mark.long
def test_applied_one_by_one_they_become_a_platform_that_is_ready(
    stack: ClusterStack,
    cluster: Cluster,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    files = render(stack, tmp_path / "out", "--generate-secrets")
    began = time.monotonic()
    for file in files:
        kubectl(cluster.kubeconfig, "apply", f"--filename={file}")
    record_property("applied", round(time.monotonic() - began, 1))
    eventually(lambda: not stack.unready(), seconds=READY_SECONDS, pause=1.0)
    record_property("ready", round(time.monotonic() - began, 1))
    before = generations(stack)
    kubectl(cluster.kubeconfig, "apply", f"--filename={tmp_path / 'out'}")
    assert generations(stack) == before
    stack.stack.run("down", "--yes")
    assert stack.traces() == []


def generations(stack: ClusterStack) -> dict[str, int]:
    """How often each was changed: no pod starts anew while that stays."""
    return {each.metadata.name: each.metadata.generation for each in stack.sets()}
