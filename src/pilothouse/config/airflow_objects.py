"""The file with what DAGs find in Airflow: pools, variables and connections, secrets by name.

Keys of several words are spelled as Airflow spells them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, field_validator

from pilothouse.config import yaml_reader
from pilothouse.config.secret_references import (
    Reference,
    check_data,
    check_password,
    is_reference,
    references,
)
from pilothouse.config.section import Section, rule
from pilothouse.config.validation import parse, refusal
from pilothouse.config.yaml_reader import Document, KeyPath
from pilothouse.errors import Problem, shown

OWN_PREFIX, DEFAULT_POOL = "pilothouse", "default_pool"
_NAME = re.compile(r"[A-Za-z0-9_][-.A-Za-z0-9_]{0,49}")
_NAME_RULE = "up to 50 letters, digits, underscores, dots and dashes, such as prices_api"
_HIDDEN = re.compile(
    "access_key|api_?key|passphrase|passw(or)?d|private_key|secret|token", re.IGNORECASE
)
"""What is in the names of variables whose values Airflow's console hides."""


def _check_host(host: str) -> str:
    if "@" in host:
        raise refusal(found="a host with a login", remedy="write that as login and password")
    return host


def _check_extra(extra: dict[str, Any]) -> dict[str, Any]:
    check_data(extra, ())
    return extra


class Pool(Section):
    """How many of its tasks run at once."""

    slots: int = Field(
        description="The number of slots, of which a task takes one; -1 is no limit.",
        ge=-1,
        le=2**31 - 1,
    )
    description: str = Field(default="", description="What the pool is for.")
    include_deferred: bool = Field(
        alias="include_deferred",
        default=False,
        description="Whether a task that is deferred keeps its slot.",
    )


class Connection(Section):
    """How DAGs reach another system."""

    conn_type: str = Field(
        alias="conn_type",
        pattern=r"^[A-Za-z0-9_-]+$",
        description="The type as Airflow's providers name it, such as `http` or `postgres`.",
        json_schema_extra=rule("a type of connections, such as postgres"),
    )
    description: str = Field(default="", description="What the connection is for.")
    host: Annotated[str, AfterValidator(_check_host)] = Field(
        default="", description="The host name or the address, without a login."
    )
    login: str = Field(default="", description="The user's name.")
    schema_: str = Field(
        alias="schema", default="", description="The schema, or the name of a database."
    )
    port: int | None = Field(default=None, description="The port.", ge=1, le=65535)
    password: Annotated[Reference | None, BeforeValidator(check_password)] = Field(
        default=None, description="The password, as `{secret: NAME}`."
    )
    extra: Annotated[dict[str, Any], AfterValidator(_check_extra)] = Field(
        default_factory=dict,
        description="What connections of the type have besides; in it, `{secret: NAME}` is a "
        "secret.",
    )


class AirflowObjects(Section):
    """What Airflow is to have."""

    pools: dict[str, Pool] = Field(default_factory=dict, description="Pools by their names.")
    variables: dict[str, Any] = Field(
        default_factory=dict,
        description="Variables by their names: text as it is, any other value as JSON, or "
        "`{secret: NAME}`.",
    )
    connections: dict[str, Connection] = Field(
        default_factory=dict, description="Connections by their ids."
    )

    _document: Document = PrivateAttr(default=Document(file="", data={}, lines={}))

    def problem(self, path: KeyPath, *, found: str, remedy: str) -> Problem:
        """A problem with the key at `path`, pointing into the file."""
        return self._document.problem(path, found=found, remedy=remedy)

    @property
    def file(self) -> str:
        """The file as messages show it; "" where there is none."""
        return self._document.file

    @property
    def secrets(self) -> Mapping[str, KeyPath]:
        """The names of the secrets, each with a place that has it."""
        return {name: path for path, name in references(self.model_dump(by_alias=True))}

    @field_validator("pools", "variables", "connections")
    @classmethod
    def _check_names(cls, given: dict[str, Any]) -> dict[str, Any]:
        for name in given:
            if not _NAME.fullmatch(name):
                raise refusal(key=(name,), found=shown(name), remedy=f"write {_NAME_RULE}")
            if name == DEFAULT_POOL or name.startswith(OWN_PREFIX):
                found = f"{name}, which is not the team's own"
                raise refusal(key=(name,), found=found, remedy="give it another name")
        return given

    @field_validator("variables")
    @classmethod
    def _check_variables(cls, variables: dict[str, Any]) -> dict[str, Any]:
        for name, value in variables.items():
            if value is None:
                raise refusal(key=(name,), found="nothing", remedy="write a value, or remove it")
            check_data(value, (name,))
            if is_reference(value):
                _check_hidden(name)
            elif inside := next(references(value, (name,)), None):
                raise refusal(
                    key=inside[0],
                    found="a secret in a value that Airflow's console shows",
                    remedy="make it a variable of its own, or put it into a connection",
                )
        return variables


def _check_hidden(name: str) -> None:
    if not _HIDDEN.search(name):
        raise refusal(
            key=(name,),
            found="a secret in a variable that Airflow's console shows",
            remedy=f"name it {name}_secret, which Airflow hides, or put it into a connection",
        )


def load(path: Path) -> AirflowObjects:
    """Read the file; raises InvalidInput with everything that is wrong with it."""
    document = yaml_reader.read(path)
    objects = parse(AirflowObjects, document.data, document=document)
    objects._document = document
    return objects
