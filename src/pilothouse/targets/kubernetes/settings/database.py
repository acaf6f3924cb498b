"""The database: an external PostgreSQL, or the backups of the stack's own."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import shown
from pilothouse.targets.kubernetes.settings.base import SUBDOMAIN, Network, Port
from pilothouse.targets.kubernetes.settings.certificates import CertificateAuthority

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
        description="The schedule in cron syntax, in UTC.",
    )
    keep: int = Field(
        default=7,
        ge=1,
        le=1000,
        description="The number of backups to keep. Older backups are deleted.",
    )


Identifier = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$"),
    Field(json_schema_extra=rule("1 to 63 letters, digits, underscores, dots and dashes")),
]
"""A name in PostgreSQL that needs no escapes in a URL."""


class DatabaseNames(Section):
    """The names of the databases."""

    airflow: Identifier = Field(default="airflow", description="Airflow's database.")
    mlflow: Identifier = Field(default="mlflow", description="MLflow's runs and models.")
    mlflow_auth: Identifier = Field(
        default="mlflow_auth", description="MLflow's users and permissions."
    )

    @model_validator(mode="after")
    def _check_not_shared(self) -> Self:
        named: dict[str, str] = {}
        for key, database in self.model_dump(by_alias=True).items():
            if database in named:
                found = f"{shown(database)}, which is the database of {named[database]} too"
                remedy = "name a database of its own: each has tables of the same names"
                raise refusal(key=key, found=found, remedy=remedy)
            named[database] = key
        return self


class DatabaseUsers(Section):
    """The roles that the applications log in as."""

    airflow: Identifier = Field(
        default="airflow", description="The role that owns Airflow's database."
    )
    mlflow: Identifier = Field(
        default="mlflow", description="The role that owns MLflow's two databases."
    )


SslMode = Literal["disable", "prefer", "require", "verify-ca", "verify-full"]
VERIFYING: tuple[SslMode, ...] = ("verify-ca", "verify-full")
"""The modes in which clients verify the server's certificate."""


class DatabaseSettings(Section):
    """An external PostgreSQL server with the applications' roles and databases."""

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
        "the passwords of these users.",
    )
    users: DatabaseUsers = Field(
        default_factory=DatabaseUsers, description="The roles in PostgreSQL, by application."
    )
    databases: DatabaseNames = Field(
        default_factory=DatabaseNames, description="The databases, by what they are for."
    )
    ssl_mode: SslMode = Field(
        default="require",
        description="The TLS mode of clients. `verify-ca` verifies the server's certificate, "
        "`verify-full` its host name too; the others verify neither.",
    )
    certificate_authority: CertificateAuthority | None = Field(
        default=None,
        description="The authority that signed the server's certificate, for `verify-ca` and "
        "`verify-full`.",
    )

    @model_validator(mode="after")
    def _check_authority(self) -> Self:
        verifies = self.ssl_mode in VERIFYING
        if verifies and self.certificate_authority is None:
            raise refusal(
                key="certificateAuthority",
                found=f"nothing, with sslMode {self.ssl_mode}",
                remedy="name a ConfigMap with the authority's certificate: {configMap: NAME, "
                "key: ca.crt}",
            )
        if self.certificate_authority and not verifies:
            raise refusal(
                key="certificateAuthority",
                found=f"an authority that nobody asks, with sslMode {self.ssl_mode}",
                remedy="set sslMode to verify-full, or remove it",
            )
        return self
