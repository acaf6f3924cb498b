"""The same kills as `tests.targets.local.live.chaos`, of a stack on the test cluster.

`python -m tests.targets.kubernetes.live.chaos 10` brings the cluster up first, unless
PILOTHOUSE_TEST_KUBECONFIG names one.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from testkit.cluster.fixtures import any_cluster
from testkit.cluster.settings import ClusterError
from testkit.support.clusters import cluster_stack

from tests.targets.local.live.chaos import VICTIMS, Scene, main

PROVIDERS = {"pulumi-resource-kubernetes", "testkit.fake_providers.kubernetes"}
"""The official plugin, and the module of the double."""


@contextmanager
def cluster_scene(kubeconfig: Path) -> Iterator[Scene]:
    """A stack in a namespace of its own."""
    with cluster_stack(kubeconfig, f"chaos-{secrets.token_hex(3)}") as made:
        yield Scene(
            stack=made.stack,
            up_seconds=100.0,
            down_seconds=30.0,
            victims={**VICTIMS, "provider": _is_provider},
            traces=made.traces,
        )


def _is_provider(process: psutil.Process) -> bool:
    return any(Path(word).name in PROVIDERS for word in process.cmdline())


if __name__ == "__main__":
    try:
        with any_cluster() as cluster:
            sys.exit(main(__doc__, lambda: cluster_scene(cluster.kubeconfig)))
    except ClusterError as error:
        sys.exit(str(error))
