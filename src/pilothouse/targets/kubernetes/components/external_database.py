"""A PostgreSQL that is there already: where it is, and which Secret opens it.

Nothing of it is made, and no password of it is known here: URLs have none, and PostgreSQL's own
clients take it from a variable that the pod's command reads from a file of the Secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Probe
from pilothouse.targets.kubernetes.objects.pods import SecretKey

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import DatabaseSettings


class ExternalDatabase:
    """What applications are told of it, as `postgres.Database` tells of ours."""

    ready: tuple[pulumi.Resource, ...] = ()
    probes: tuple[Probe, ...] = ()
    secret_marks: Mapping[str, str] = MappingProxyType({})  # nobody here knows when they change

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self.marks: Mapping[str, str] = {"database": f"{settings.host}:{settings.port}"}

    def url(self, role: str, database: str, driver: str) -> pulumi.Output[str]:
        """The URL of a database, with its role and without a password."""
        place = f"{self._settings.host}:{self._settings.port}"
        return pulumi.Output.from_input(f"postgresql+{driver}://{role}@{place}/{database}")

    def environment(self) -> Mapping[str, str]:
        """What a client is told beside the URL."""
        return {"PGSSLMODE": self._settings.ssl_mode}

    def password(self, role: str) -> Mapping[str, SecretKey]:
        """The variable that a client takes its password from."""
        return {"PGPASSWORD": SecretKey(secret=self._settings.secret, key=role)}
