"""The folders and the ports of a local stack."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from pilothouse.config import team_dags
from pilothouse.targets.local.settings.dags import resolve
from pilothouse.targets.local.settings.target import (
    BLOCK,
    FIRST_PORT,
    LAST_PORT,
    LocalPlan,
    LocalSettings,
)

DAGS = "dags"  # in a stack's folder
LOOPBACK = "127.0.0.1"
SYSTEM_FOLDER = Path("/var/lib/pilothouse")
PORTS = (
    "postgres",
    "s3",
    "mlflow",
    "airflow",
    "airflow-scheduler",
    "s3-grpc",
    "filer",
    "filer-grpc",
    "master",
    "master-grpc",
    "volume",
    "volume-grpc",
)


@dataclass(frozen=True)
class Layout:
    """The folders of a stack, and the first of its ports.

    `dags` has the team's DAGs of this stack, `project_dags` those of the project, if there are any.
    """

    home: Path
    environments: Path
    dags: Path
    base_port: int
    project_dags: Path | None = None

    @classmethod
    def of(cls, plan: LocalPlan) -> Layout:
        """The layout of a plan; the same in every run on the same machine."""
        settings: LocalSettings = plan.settings
        base = base_folder(plan.project)
        home = _resolve(plan.project, settings.home) or base / plan.stack
        return cls(
            home=home,
            environments=_resolve(plan.project, settings.environments) or base / "environments",
            dags=_resolve(plan.project, settings.dags.folder) or home / DAGS,
            base_port=settings.base_port or _default_port(plan.suffix),
            project_dags=team_dags.find(
                plan.project, plan.platform, default=settings.dags.folder is None
            ),
        )

    @property
    def data(self) -> Path:
        """The folder of the data, which a teardown with `--keep-data` retains."""
        return self.home / "data"

    @property
    def delivered_package(self) -> Path:
        """The private file with the newest delivery of the team's package."""
        return self.home / "workload" / "delivered.json"

    def port(self, role: str) -> int:
        """The port of a role of PORTS; raises ValueError for another role."""
        return self.base_port + PORTS.index(role)

    def address(self, role: str) -> str:
        """`127.0.0.1:port`."""
        return f"{LOOPBACK}:{self.port(role)}"

    def url(self, role: str) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://{self.address(role)}"


def _resolve(project: Path, setting: str | None) -> Path | None:
    return resolve(project, setting) if setting else None


def base_folder(project: Path) -> Path:
    """The folder of all stacks: in the project, unless PostgreSQL's user cannot enter that."""
    if os.geteuid() != 0 or _is_open_to_others(project):
        return project / ".pilothouse"
    return SYSTEM_FOLDER / hashlib.sha256(os.fsencode(project)).hexdigest()[:12]


def _is_open_to_others(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def _default_port(suffix: str) -> int:
    blocks = (LAST_PORT - FIRST_PORT) // BLOCK
    return FIRST_PORT + BLOCK * (int.from_bytes(hashlib.sha256(suffix.encode()).digest()) % blocks)
