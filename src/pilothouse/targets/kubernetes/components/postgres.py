"""PostgreSQL for Airflow and MLflow, each with its own role and its own databases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Probe
from pilothouse.targets.kubernetes.objects.builder import marks_of
from pilothouse.targets.kubernetes.objects.network_policies import DATABASES, PORTS, POSTGRES
from pilothouse.targets.kubernetes.objects.pods import (
    USER,
    Mount,
    Program,
    SecretKey,
    command_probes,
)
from pilothouse.targets.kubernetes.settings.sizes import storage_gib

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation

READER = "backup"
"""The role that reads every database and changes none."""
PASSWORDS = "/passwords"
ROLES = (*DATABASES, READER)
START = Path(__file__).parents[1] / "assets" / "scripts" / "postgres.sh"

# PostgreSQL refuses a user that has no name, and an image knows its own users only.
_USERS = f"postgres:x:{USER}:{USER}::/tmp:/bin/sh\n"


class Database:
    """The server, its volume, and the URLs by which applications reach it.

    `marks` change with the volume: what fills the databases runs again on an empty one.
    """

    def __init__(self, foundation: KubernetesFoundation) -> None:
        self._foundation = foundation
        objects = foundation.objects_of(foundation)
        self._passwords = foundation.secrets(
            "postgres", dict.fromkeys(ROLES, "password"), foundation
        )
        settings = foundation.settings
        volume = objects.claim(POSTGRES, storage_gib(foundation.plan.size), settings.storage_class)
        needs = [
            objects.config_map(POSTGRES, {"start.sh": START.read_text(), "passwd": _USERS}),
            objects.secret(POSTGRES, {role: self._passwords[role] for role in ROLES}),
            volume,
        ]
        server = objects.stateful_set(self._program(), needs=needs, annotations=self.secret_marks)
        self.ready: list[pulumi.Resource] = [server, objects.service(POSTGRES)]
        self.marks = marks_of(volume)

    @property
    def secret_marks(self) -> Mapping[str, pulumi.Input[str]]:
        """What changes with the passwords."""
        return {"passwords": self._passwords.revision}

    def password(self, role: str) -> Mapping[str, SecretKey]:
        """The variable that a client takes its password from: none, it is in the URL."""
        return {}

    def reader_password(self) -> pulumi.Output[str]:
        """The password of the role that reads."""
        return self._passwords[READER]

    def environment(self) -> Mapping[str, str]:
        """What a client is told beside the URL: nothing."""
        return {}

    @property
    def probes(self) -> list[Probe]:
        """How to see that it answers."""
        address = f"{self._host}:{PORTS[POSTGRES]}"
        return [Probe(service=POSTGRES, kind="postgres", address=address)]

    def pairs(self) -> str:
        """Every database with its owner, as `owner:database`, for the scripts."""
        return " ".join(f"{role}:{name}" for role, names in DATABASES.items() for name in names)

    def client(self) -> dict[str, str]:
        """The variables of libpq that are not secret; the user is the one who reads."""
        return {"PGHOST": self._host, "PGPORT": str(PORTS[POSTGRES]), "PGUSER": READER}

    @property
    def _host(self) -> str:
        return f"{POSTGRES}.{self._foundation.namespace_name}.svc"

    def url(self, role: str, database: str, driver: str) -> pulumi.Output[str]:
        """The URL of a database with its role's password in it; a secret."""
        return pulumi.Output.format(
            "postgresql+{}://{}:{}@{}:{}/{}",
            driver,
            role,
            self._passwords[role],
            self._host,
            PORTS[POSTGRES],
            database,
        )

    def _program(self) -> Program:
        ready = ["pg_isready", "--host=127.0.0.1", "--username=postgres"]
        return Program(
            component=POSTGRES,
            image=self._foundation.images[POSTGRES],
            command=["sh", "/scripts/start.sh"],
            resources=self._foundation.resources(POSTGRES),
            environment={
                "PGDATA": "/data/postgres",
                "DATABASES": self.pairs(),
                "READER": READER,
            },
            mounts=[
                Mount(path="/data", claim=POSTGRES),
                Mount(path="/scripts", config_map=POSTGRES),
                Mount(path="/etc/passwd", config_map=POSTGRES, key="passwd"),
                Mount(path=PASSWORDS, secret=POSTGRES),
            ],
            port=PORTS[POSTGRES],
            probes=command_probes(ready, start_seconds=120),
            stop=["pg_ctl", "stop", "--mode=fast"],  # SIGTERM waits for clients, until a SIGKILL
        )
