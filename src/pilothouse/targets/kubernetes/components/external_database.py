"""An external PostgreSQL: its address, and the Secret with its passwords.

Nothing of it is created, and the stack knows no password of it: URLs have none, and PostgreSQL's
own clients take it from a variable that the pod's command reads from a file of the Secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Probe
from pilothouse.targets.kubernetes.objects.pods import SecretKey

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.database import DatabaseSettings


class ExternalDatabase:
    """An external server, with the interface of `postgres.Database`."""

    ready: tuple[pulumi.Resource, ...] = ()
    probes: tuple[Probe, ...] = ()
    password_annotations: Mapping[str, str] = MappingProxyType({})  # changes are not detected

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self.annotations: Mapping[str, str] = {"database": f"{settings.host}:{settings.port}"}

    def url(self, role: str, database: str, driver: str) -> pulumi.Output[str]:
        """The URL of a database, with its role and without a password."""
        address = f"{self._settings.host}:{self._settings.port}"
        return pulumi.Output.from_input(f"postgresql+{driver}://{role}@{address}/{database}")

    def environment(self) -> Mapping[str, str]:
        """The variables of a client beside the URL."""
        return {"PGSSLMODE": self._settings.ssl_mode}

    def password(self, role: str) -> Mapping[str, SecretKey]:
        """The variable of a client's password, and its key in the user's Secret."""
        return {"PGPASSWORD": SecretKey(secret=self._settings.secret, key=role)}
