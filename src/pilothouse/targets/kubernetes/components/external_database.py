"""An external PostgreSQL: its address, and the Secret with its passwords.

Nothing of it is created, and the stack knows no password of it: URLs have none, and PostgreSQL's
own clients take it from a variable that the pod's command reads from a file of the Secret. TLS is
set by variables too: libpq and asyncpg read the same ones, while their URLs differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Probe
from pilothouse.targets.kubernetes.objects.builder import digest
from pilothouse.targets.kubernetes.objects.pods import Mount, SecretKey

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.database import DatabaseSettings

AUTHORITY = "/database-ca"
"""The folder of the authority's certificate. Clients read it anew for each connection."""


class ExternalDatabase:
    """An external server, with the interface of `postgres.Database`."""

    ready: tuple[pulumi.Resource, ...] = ()
    probes: tuple[Probe, ...] = ()
    password_annotations: Mapping[str, str] = MappingProxyType({})  # changes are not detected

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        names = digest([settings.users.model_dump(), settings.databases.model_dump()])
        self.annotations: Mapping[str, str] = {
            "database": f"{settings.host}:{settings.port}",
            "database-names": names,
        }

    def url(self, role: str, database: str, driver: str) -> pulumi.Output[str]:
        """The URL of a database, with its role and without a password."""
        settings = self._settings
        user, name = getattr(settings.users, role), getattr(settings.databases, database)
        address = f"{settings.host}:{settings.port}"
        return pulumi.Output.from_input(f"postgresql+{driver}://{user}@{address}/{name}")

    def environment(self) -> Mapping[str, str]:
        """The variables of a client beside the URL."""
        authority = self._settings.certificate_authority
        certificate = {"PGSSLROOTCERT": f"{AUTHORITY}/{authority.key}"} if authority else {}
        return {"PGSSLMODE": self._settings.ssl_mode, **certificate}

    def mounts(self) -> Sequence[Mount]:
        """The mounts of a client."""
        authority = self._settings.certificate_authority
        return [Mount(path=AUTHORITY, config_map=authority.config_map)] if authority else []

    def password(self, role: str) -> Mapping[str, SecretKey]:
        """The variable of a client's password, and its key in the user's Secret."""
        return {"PGPASSWORD": SecretKey(secret=self._settings.secret, key=role)}
