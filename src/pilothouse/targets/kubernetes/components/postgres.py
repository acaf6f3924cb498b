"""PostgreSQL for Airflow and MLflow, each with its own role and its own databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Probe
from pilothouse.targets.kubernetes.objects.builder import volume_annotation
from pilothouse.targets.kubernetes.objects.pods import (
    ACCOUNTS_FILE,
    USER,
    Mount,
    Program,
    SecretKey,
    command_probes,
)
from pilothouse.targets.kubernetes.settings.component_table import DATABASES, PORTS, POSTGRES

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.secrets import Secrets
    from pilothouse.targets.kubernetes.objects.builder import ObjectFactory
    from pilothouse.targets.kubernetes.objects.sizing import Resources

READER = "backup"
"""The role that may read every database and change none."""
PASSWORDS = "/passwords"
ROLES = (*DATABASES, READER)
START = Path(__file__).parents[1] / "assets" / "scripts" / "postgres.sh"

# PostgreSQL refuses to run as a user without a name, and an image has only its own users.
_USERS = f"postgres:x:{USER}:{USER}::/tmp:/bin/sh\n"


class Database:
    """The server, its volume, and the URLs by which applications reach it.

    `annotations` change with the volume: what fills the databases runs again on an empty one.
    """

    def __init__(
        self,
        objects: ObjectFactory,
        passwords: Secrets,
        *,
        namespace: str,
        image: str,
        resources: Resources,
        volume_gib: int,
        storage_class: str | None,
    ) -> None:
        self._passwords = passwords
        self._host = f"{POSTGRES}.{namespace}.svc"
        volume = objects.claim(POSTGRES, volume_gib, storage_class)
        needs = [
            objects.config_map(POSTGRES, {"start.sh": START.read_text(), "passwd": _USERS}),
            objects.secret(POSTGRES, {role: passwords[role] for role in ROLES}),
            volume,
        ]
        server = objects.stateful_set(
            self._program(image, resources),
            depends_on=needs,
            annotations=self.password_annotations,
        )
        self.ready: list[pulumi.Resource] = [server, objects.service(POSTGRES)]
        self.annotations = volume_annotation(volume)

    @property
    def password_annotations(self) -> Mapping[str, pulumi.Input[str]]:
        """Pod annotations that change with the passwords."""
        return {"passwords": self._passwords.revision}

    def password(self, role: str) -> Mapping[str, SecretKey]:
        """The variables of a client's password: none, since it is in the URL."""
        return {}

    def reader_password(self) -> pulumi.Output[str]:
        """The password of the role that only reads."""
        return self._passwords[READER]

    def environment(self) -> Mapping[str, str]:
        """The variables of a client beside the URL: none."""
        return {}

    def mounts(self) -> Sequence[Mount]:
        """The mounts of a client: none."""
        return []

    @property
    def probes(self) -> list[Probe]:
        """The probe of the server."""
        address = f"{self._host}:{PORTS[POSTGRES]}"
        return [Probe(service=POSTGRES, kind="postgres", address=address)]

    def owned_databases(self) -> str:
        """Every database with its owner, as `owner:database`, separated by spaces."""
        return " ".join(f"{role}:{name}" for role, names in DATABASES.items() for name in names)

    def client_environment(self) -> dict[str, str]:
        """The variables of libpq that are not secret, for the role that only reads."""
        return {"PGHOST": self._host, "PGPORT": str(PORTS[POSTGRES]), "PGUSER": READER}

    def url(self, role: str, database: str, driver: str) -> pulumi.Output[str]:
        """The URL of a database with its role and password; a secret."""
        return pulumi.Output.format(
            "postgresql+{}://{}:{}@{}:{}/{}",
            driver,
            role,
            self._passwords[role],
            self._host,
            PORTS[POSTGRES],
            database,
        )

    def _program(self, image: str, resources: Resources) -> Program:
        ready = ["pg_isready", "--host=127.0.0.1", "--username=postgres"]
        return Program(
            component=POSTGRES,
            image=image,
            command=["sh", "/scripts/start.sh"],
            resources=resources,
            environment={
                "PGDATA": "/data/postgres",
                "DATABASES": self.owned_databases(),
                "READER": READER,
            },
            mounts=[
                Mount(path="/data", claim=POSTGRES),
                Mount(path="/scripts", config_map=POSTGRES),
                Mount(path=ACCOUNTS_FILE, config_map=POSTGRES, key="passwd"),
                Mount(path=PASSWORDS, secret=POSTGRES),
            ],
            port=PORTS[POSTGRES],
            probes=command_probes(ready, start_seconds=120),
            stop=["pg_ctl", "stop", "--mode=fast"],  # on SIGTERM it waits for its clients
        )
