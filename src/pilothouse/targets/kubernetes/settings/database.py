"""The database: an external PostgreSQL, or the backups of the stack's own."""

from typing import Literal

from pydantic import Field

from pilothouse.config.section import Section, rule
from pilothouse.targets.kubernetes.settings.base import Network, Port
from pilothouse.targets.kubernetes.settings.store import SUBDOMAIN

_SUBDOMAIN = rf"^{SUBDOMAIN}$"
_FIELD = r"[0-9A-Za-z*,/-]+"
_SCHEDULE = rf"^({_FIELD}( {_FIELD}){{4}}|@(hourly|daily|weekly|monthly|yearly))$"


class Backups(Section):
    """The scheduled backups of the stack's own databases."""

    enabled: bool = Field(
        default=True,
        description="Whether backups run on the schedule. Existing backups can be restored in "
        "either case.",
    )
    schedule: str = Field(
        default="0 2 * * *",
        pattern=_SCHEDULE,
        json_schema_extra=rule("five fields as cron has them, or @daily"),
        description="The schedule in cron syntax, in the time zone of the cluster's controllers.",
    )
    keep: int = Field(
        default=7,
        ge=1,
        le=1000,
        description="The number of backups to keep. Older backups are deleted.",
    )


class DatabaseSettings(Section):
    """An external PostgreSQL server with the applications' roles and databases.

    The role `airflow` owns the database `airflow`; `mlflow` owns `mlflow` and `mlflow_auth`.
    """

    host: str = Field(
        pattern=_SUBDOMAIN,
        max_length=253,
        description="The host name or the address of the server.",
    )
    port: Port = Field(default=5432, description="The port that the server listens on.")
    cidr: Network = Field(
        description="The network of the server's addresses: network policies know no host names."
    )
    secret: str = Field(
        pattern=_SUBDOMAIN,
        max_length=253,
        description="The Secret of the stack's namespace whose keys `airflow` and `mlflow` are "
        "the passwords of these roles.",
    )
    ssl_mode: Literal["disable", "prefer", "require"] = Field(
        default="require",
        description="The TLS mode of clients. The certificate of the server is not verified.",
    )
