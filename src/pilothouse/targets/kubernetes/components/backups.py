"""Backups of PostgreSQL: dumps into a bucket on a schedule, and their restore.

Both are CronJobs. The one that restores is suspended: a restore creates a Job from its template,
with the name of the backup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.services.seaweedfs import BACKUPS_PROGRAM
from pilothouse.targets.kubernetes.components.postgres import PASSWORDS, Database
from pilothouse.targets.kubernetes.objects.pods import Mount, Program, workload_user
from pilothouse.targets.kubernetes.settings.component_table import (
    BACKUP_JOB,
    POSTGRES,
    RESTORE_JOB,
)

if TYPE_CHECKING:
    import pulumi

    from pilothouse.targets.kubernetes.components.bucket_access import BucketAccess
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.objects.builder import Dependencies, ObjectFactory

SCRIPTS, STORE, DUMPS = "postgres-backups", "postgres-backups", "/dumps"
NEVER = "0 0 31 2 *"  # the thirty-first of February
FILES = Path(__file__).parents[1] / "assets" / "scripts"


@dataclass(frozen=True, kw_only=True)
class Backups:
    """The two CronJobs of a stack's backups, and their configuration."""

    objects: ObjectFactory
    foundation: KubernetesFoundation
    database: Database
    bucket: BucketAccess

    def create(self, depends_on: Dependencies) -> None:
        """Create the CronJobs after `depends_on`."""
        needs = [*self._create_configuration(), *depends_on, *self.database.ready]
        settings = self.foundation.settings.backups
        self.objects.cron_job(
            self._backup(), settings.schedule, depends_on=needs, suspended=not settings.enabled
        )
        self.objects.cron_job(self._restore(), NEVER, depends_on=needs, suspended=True)

    def _create_configuration(self) -> list[pulumi.Resource]:
        scripts = {
            "backup.sh": (FILES / "postgres-backup.sh").read_text(),
            "restore.sh": (FILES / "postgres-restore.sh").read_text(),
            "backups.py": BACKUPS_PROGRAM.read_text(),
        }
        password = self.database.reader_password()
        return [
            self.objects.config_map(SCRIPTS, scripts),
            *([self.objects.secret(STORE, self.bucket.keys)] if self.bucket.keys else []),
            self.objects.secret(BACKUP_JOB, {"PGPASSWORD": password}),
        ]

    def _backup(self) -> Program:
        """Dumps with a role that can only read, then uploads with the keys of the bucket alone."""
        dump = self._postgres_client(
            BACKUP_JOB, "backup.sh", container="dump", secrets=[BACKUP_JOB]
        )
        keep = str(self.foundation.settings.backups.keep)
        return self._bucket_client(BACKUP_JOB, "store", {"KEEP": keep}, before=[dump])

    def _restore(self) -> Program:
        fetch = self._bucket_client(RESTORE_JOB, "fetch", {"BACKUP": ""}, container="fetch")
        passwords = Mount(path=PASSWORDS, secret=POSTGRES)
        return self._postgres_client(RESTORE_JOB, "restore.sh", mounts=[passwords], before=[fetch])

    def _postgres_client(
        self, component: str, script: str, *, mounts: Sequence[Mount] = (), **more: Any
    ) -> Program:
        """A shell script with PostgreSQL's own tools."""
        return Program(
            component=component,
            image=self.foundation.images[POSTGRES],
            command=["sh", f"/scripts/{script}"],
            resources=self.foundation.resources("job"),
            environment={
                **self.database.client_environment(),
                "DATABASES": self.database.owned_databases(),
                "DUMPS": DUMPS,
            },
            mounts=[*_SHARED_MOUNTS, *mounts],
            user=workload_user(self.foundation.settings),
            **more,
        )

    def _bucket_client(
        self, component: str, command: str, environment: Mapping[str, str], **more: Any
    ) -> Program:
        """The program that reads and writes the bucket."""
        return Program(
            component=component,
            image=self.foundation.images["workload"],
            command=["python", "/scripts/backups.py", command],
            resources=self.foundation.resources("job"),
            environment={
                **self.bucket.environment,
                "BUCKET": self.bucket.bucket,
                "DUMPS": DUMPS,
                **environment,
            },
            secrets=[STORE] if self.bucket.keys else [],
            references=self.bucket.references,
            mounts=_SHARED_MOUNTS,
            user=workload_user(self.foundation.settings),
            **more,
        )


_SHARED_MOUNTS = (Mount(path="/scripts", config_map=SCRIPTS), Mount(path=DUMPS))
