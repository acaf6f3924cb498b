"""The team's package in the cluster: one archive in the bucket, which each step unpacks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pilothouse.errors import InvalidInput, Problem, Refused
from pilothouse.packages import bundle
from pilothouse.packages.uv import UvFailed
from pilothouse.services.object_store import S3ObjectStore
from pilothouse.targets.kubernetes.clients.kinds import NAMESPACE, SECRET
from pilothouse.targets.kubernetes.clients.target import BY_POD

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform
    from pilothouse.config.workload import Workload
    from pilothouse.contract import Capability
    from pilothouse.packages.package import Package
    from pilothouse.targets.kubernetes.clients.cluster import Cluster
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

OF_THE_IMAGE = ("bash", "env", "python", "python3", "sh")
SHOWN_PROGRAMS = 20


def prepare(platform: Platform, workload: Workload, package: Package) -> None:
    """Make the archive of the package, by wheels for the steps' containers alone.

    Raises InvalidInput where a dependency has none, or a step names a program that is not there.
    """
    try:
        archive = bundle.make(package)
    except UvFailed as error:
        problem = platform.problem(
            "workload.package",
            found=f"what has no wheels for Python {package.python} on {bundle.PLATFORM}: {error}",
            remedy="correct what it requires, or the lock",
        )
        raise InvalidInput([problem]) from error
    if problems := list(_missing_programs(platform, workload, bundle.programs(archive))):
        raise InvalidInput(problems)


def deliver(storage: Capability[str], package: Package) -> None:
    """Put the archive into the bucket where it is not yet, and name it as the current one.

    Raises Refused where only pods may write to the bucket.
    """
    if storage.submit.get("kind") == BY_POD:
        raise Refused(
            "the bucket is open to pods by their roles alone, and a package is written from here: "
            "give the external store keys (`objectStore.secret`) to run a workload"
        )
    store, key = S3ObjectStore(storage), bundle.key_of(package)
    if not store.exists(key):
        store.write(key, bundle.make(package))
    with TemporaryDirectory() as folder:
        current = Path(folder, "current.json")
        current.write_text(json.dumps({"package": package.digest}), encoding="utf-8")
        store.write(f"{bundle.FOLDER}/{current.name}", current)


def secrets(
    cluster: Cluster, namespace: str, settings: KubernetesSettings, names: Sequence[str]
) -> Mapping[str, None]:
    """Those of `names` that the Secret has; all, where there is no namespace to look into yet."""
    if not settings.workload.secret:
        return {}
    if cluster.get(NAMESPACE, namespace) is None:
        return dict.fromkeys(names)
    found = cluster.get(SECRET, settings.workload.secret, namespace)
    known = dict((found and found.data) or {})
    return {name: None for name in names if name in known}


def _missing_programs(
    platform: Platform, workload: Workload, programs: Sequence[str]
) -> Iterator[Problem]:
    for number, step in enumerate(workload.steps):
        program = step.command[0]
        if "/" not in program and program not in (*programs, *OF_THE_IMAGE):
            yield platform.problem(
                ("workload", "steps", number, "command", 0),
                found=f"no program {program!r} in the package's environment",
                remedy="name one of its entry points (project.scripts in pyproject.toml); there "
                f"are: {', '.join(programs[:SHOWN_PROGRAMS]) or 'none'}",
            )
