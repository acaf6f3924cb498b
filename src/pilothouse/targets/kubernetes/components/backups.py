"""Backups of PostgreSQL: dumped every night into a bucket, and the way back.

Both are CronJobs. The one that restores is suspended: whoever restores makes a Job of it, with the
backup's name in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.services.seaweedfs import BACKUPS, BACKUPS_PROGRAM
from pilothouse.targets.kubernetes.components.postgres import PASSWORDS, Database
from pilothouse.targets.kubernetes.objects.network_policies import BACKUP_JOB, POSTGRES, RESTORE_JOB
from pilothouse.targets.kubernetes.objects.pods import Mount, Program

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage
    from pilothouse.targets.kubernetes.objects.builder import Objects

SCRIPTS, STORE, DUMPS = "postgres-backups", "postgres-backups", "/dumps"
NEVER = "0 0 31 2 *"  # the thirty-first of February
FILES = Path(__file__).parents[1] / "assets" / "scripts"


class Backups:
    """The two CronJobs of a stack's backups."""

    def __init__(self, storage: KubernetesStorage, database: Database) -> None:
        self._storage, self._database = storage, database
        self._foundation: KubernetesFoundation = storage.foundation
        self._objects: Objects = storage.objects
        self._plain, self._keys = storage.client(BACKUPS)
        needs = [*self._handed_over(), *storage.ready, *database.ready]
        settings = self._foundation.settings.backups
        self._objects.cron_job(
            self._backup(), settings.schedule, needs=needs, suspended=not settings.enabled
        )
        self._objects.cron_job(self._restore(), NEVER, needs=needs, suspended=True)

    def _handed_over(self) -> list[Any]:
        scripts = {
            "backup.sh": (FILES / "postgres-backup.sh").read_text(),
            "restore.sh": (FILES / "postgres-restore.sh").read_text(),
            "backups.py": BACKUPS_PROGRAM.read_text(),
        }
        password = self._database.reader_password()
        return [
            self._objects.config_map(SCRIPTS, scripts),
            *([self._objects.secret(STORE, self._keys)] if self._keys else []),
            self._objects.secret(BACKUP_JOB, {"PGPASSWORD": password}),
        ]

    def _backup(self) -> Program:
        """Dumped by whom can only read, stored by whom knows the bucket only."""
        dump = self._client(BACKUP_JOB, "backup.sh", container="dump", secrets=[BACKUP_JOB])
        keep = str(self._foundation.settings.backups.keep)
        return self._bucket(BACKUP_JOB, "store", {"KEEP": keep}, before=[dump])

    def _restore(self) -> Program:
        fetch = self._bucket(RESTORE_JOB, "fetch", {"BACKUP": ""}, container="fetch")
        passwords = Mount(path=PASSWORDS, secret=POSTGRES)
        return self._client(RESTORE_JOB, "restore.sh", mounts=[passwords], before=[fetch])

    def _client(
        self, component: str, script: str, *, mounts: Sequence[Mount] = (), **more: Any
    ) -> Program:
        """A shell script with PostgreSQL's own tools."""
        database = self._database
        return Program(
            component=component,
            image=self._foundation.images[POSTGRES],
            command=["sh", f"/scripts/{script}"],
            resources=self._foundation.resources("job"),
            environment={**database.client(), "DATABASES": database.pairs(), "DUMPS": DUMPS},
            mounts=[*_SHARED, *mounts],
            **more,
        )

    def _bucket(
        self, component: str, command: str, given: Mapping[str, str], **more: Any
    ) -> Program:
        """The program that knows the bucket."""
        where = {"BUCKET": self._storage.bucket(BACKUPS), "DUMPS": DUMPS}
        return Program(
            component=component,
            image=self._foundation.images["workload"],
            command=["python", "/scripts/backups.py", command],
            resources=self._foundation.resources("job"),
            environment={**self._plain, **where, **given},
            secrets=[STORE] if self._keys else [],
            references=self._storage.references(BACKUPS),
            mounts=_SHARED,
            **more,
        )


_SHARED = (Mount(path="/scripts", config_map=SCRIPTS), Mount(path=DUMPS))
