"""What the team's DAGs import, for the pods that read DAGs: an archive in the bucket of data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from pilothouse.services import programs
from pilothouse.services.airflow import requirements
from pilothouse.targets.kubernetes.objects import dag_packages
from pilothouse.targets.kubernetes.objects.pods import AIRFLOW_USER, Mount, Program
from pilothouse.targets.kubernetes.objects.sizing import SMALL

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage

UNPACK = Path(programs.__file__).with_name("airflow_packages.py")
FOLDER, SCRIPTS = "/packages", "/scripts"
CONTAINER = "packages"


class DagPackages:
    """The init container that unpacks them, and by what its pod finds them; nothing without any."""

    def __init__(self, foundation: KubernetesFoundation, storage: KubernetesStorage) -> None:
        self._foundation, self._storage = foundation, storage
        plan = foundation.plan
        # Raises where the lock is not that of the requirements, unless this is a preview.
        requirements.lock_of(plan.project, plan.platform, preview=pulumi.runtime.is_dry_run())
        self._key = dag_packages.key(plan)

    def __bool__(self) -> bool:
        return bool(self._key)

    @property
    def files(self) -> Mapping[str, str]:
        """The program of the init container."""
        return {UNPACK.name: UNPACK.read_text(encoding="utf-8")} if self else {}

    @property
    def environment(self) -> Mapping[str, str]:
        """By what Python finds the packages."""
        return {"PYTHONPATH": FOLDER} if self else {}

    @property
    def mounts(self) -> Sequence[Mount]:
        """The folder that the containers of a pod share."""
        return [Mount(path=FOLDER)] if self else []

    def init(self, files: str, secret: str) -> Sequence[Program]:
        """The init container. `files` is the ConfigMap with its program, `secret` has the store."""
        if not self:
            return []
        script = f"{SCRIPTS}/{UNPACK.name}"
        bucket = self._storage.access("data").bucket
        return [
            Program(
                component=CONTAINER,
                image=self._foundation.images["airflow"],
                command=["python", script, self._key, bucket, FOLDER],
                resources=SMALL[CONTAINER],
                environment={"HOME": "/tmp"},  # noqa: S108 - a volume of the pod's own
                secrets=[secret],
                user=AIRFLOW_USER,
                mounts=[Mount(path=script, config_map=files, key=UNPACK.name), *self.mounts],
            )
        ]
