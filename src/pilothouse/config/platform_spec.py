"""`platform.yaml` as types: what a team asks for, with no word of where it will run.

In Python, `compute.parallelism` is 0 and `access.host` is empty where the file does not give them.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from pilothouse.config import yaml_reader
from pilothouse.config.oidc import Oidc
from pilothouse.config.section import Section, rule
from pilothouse.config.validation import parse, refusal
from pilothouse.config.workload import Workload
from pilothouse.config.yaml_reader import Document, KeyPath
from pilothouse.errors import Problem, shown

# A pilot that runs longer than two years is no pilot: its platform should be set up for good.
LONGEST_PILOT = timedelta(days=731)

_NAME = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
_OWNER = r"^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?(@[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?)?$"
_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
HOST_NAME = rf"^({_LABEL}\.)+[a-z]([-a-z0-9]{{0,61}}[a-z0-9])?$"
_EMAIL = rf"^[-_+a-z0-9]+(\.[-_+a-z0-9]+)*@{HOST_NAME.removeprefix('^')}"
MOST_PEOPLE = 50
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_DATE_RULE = "a date of the calendar as YYYY-MM-DD"


def _to_date(value: object) -> object:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(_DATE, value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise refusal(found=shown(value), remedy=f"write {_DATE_RULE}")


class Pilot(Section):
    """The end and the budget of the pilot."""

    expires: Annotated[date, BeforeValidator(_to_date)] = Field(
        description="The last day of the pilot (in UTC), at most two years ahead. Every resource "
        "is tagged with it, so that resources that outlive the pilot can be found.",
        json_schema_extra={"pattern": _DATE, **rule(_DATE_RULE)},
    )
    monthly_budget: float = Field(
        description="The monthly budget of the platform, in US dollars.", gt=0, le=1_000_000
    )
    at_expiry: Literal["stop", "remove", "tell"] = Field(
        default="stop",
        description="What happens when the last day is over, without anybody's command. `stop`: "
        "what runs ends, data are kept. `remove`: everything is deleted. `tell`: nothing ends, "
        "and commands say that the pilot is over.",
    )

    @field_validator("expires")
    @classmethod
    def _check_expiry(cls, expires: date, info: ValidationInfo) -> date:
        today = (info.context or {}).get("today")
        if today is None or today <= expires <= today + LONGEST_PILOT:
            return expires
        last = today + LONGEST_PILOT
        raise refusal(found=expires.isoformat(), remedy=f"choose a day from {today} to {last}")


class Storage(Section):
    """Where data, artifacts and logs are kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"versioning": {"const": False}}, "required": ["versioning"]},
            "then": {"properties": {"retentionDays": False}},
        }
    )

    versioning: bool = Field(
        default=True,
        description="Whether an overwritten or deleted object is kept as a noncurrent version.",
    )
    retention_days: int = Field(
        default=90,
        description="Days for which a noncurrent version is kept. Valid only with versioning.",
        ge=1,
        le=3650,
    )

    @model_validator(mode="after")
    def _check_retention(self) -> Self:
        if not self.versioning and "retention_days" in self.model_fields_set:
            raise refusal(
                key="retentionDays",
                found=f"{self.retention_days} with versioning: false",
                remedy="remove it, or set versioning: true",
            )
        return self


class Compute(Section):
    """The machines that tasks run on."""

    # A factory keeps the stand-in for "not given" out of the published schema.
    parallelism: int = Field(
        default_factory=int,
        description="The number of tasks that may run at once. "
        "By default 4, 16 or 32 for a small, medium or large platform.",
        ge=1,
        le=64,
    )
    gpus: int = Field(
        default=0, description="The number of GPUs that one task may request.", ge=0, le=8
    )


class Orchestration(Section):
    """The system that runs pipelines."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"engine": {"const": "managed"}}, "required": ["engine"]},
            "then": {"properties": {"dags": False, "objects": False, "requirements": False}},
        }
    )

    engine: Literal["airflow", "managed"] = Field(
        default="airflow",
        description="The system that schedules and runs pipelines. `managed`: the target's own.",
    )
    log_retention_days: int = Field(
        default=30, description="Days for which the logs of tasks are kept.", ge=1, le=3650
    )
    dags: str | None = Field(
        default=None,
        min_length=1,
        description="A folder of the project with the team's DAGs, which Airflow gets. By default "
        "`dags`, where there is such a folder. Valid only with `engine: airflow`.",
    )

    objects: str | None = Field(
        default=None,
        min_length=1,
        description="The file of the project with pools, variables and connections, which Airflow "
        "gets. By default `airflow.yaml`, where there is such a file. Valid only with "
        "`engine: airflow`.",
    )
    requirements: str | None = Field(
        default=None,
        min_length=1,
        description="A file of the project with the packages that DAGs import, a requirement a "
        "line. Valid only with `engine: airflow`.",
    )

    @model_validator(mode="after")
    def _check_files(self) -> Self:
        for key in ("dags", "objects", "requirements"):
            named = getattr(self, key)
            if named is not None and self.engine != "airflow":
                raise refusal(
                    key=key,
                    found=f"{shown(named)} with engine: {self.engine}",
                    remedy="remove it, or set engine: airflow",
                )
        return self


class Tracking(Section):
    """The system that records experiments and models."""

    engine: Literal["mlflow", "managed"] = Field(
        default="mlflow",
        description="The system that records runs and registers models. `managed`: the target's "
        "own.",
    )


Role = Literal["viewer", "user", "admin"]


class Person(Section):
    """Somebody with an account in each of the platform's consoles."""

    email: str = Field(
        description="The person's e-mail address, which is the name of the accounts.",
        max_length=254,
        pattern=_EMAIL,
        json_schema_extra=rule(
            "an e-mail address in lower case of up to 254 characters, such as ann@example.org"
        ),
    )
    role: Role = Field(
        description="`viewer`: sees everything. `user`: also works with it. `admin`: may do "
        "everything, users and permissions included."
    )


class Access(Section):
    """Who reaches the platform's consoles and APIs."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"exposure": {"const": "public"}}, "required": ["exposure"]},
            "then": {"required": ["host"]},
            "else": {"properties": {"host": False}},
        }
    )

    exposure: Literal["private", "public"] = Field(
        default="private",
        description="`private`: reachable from inside only. `public`: served at `host`, over TLS.",
    )
    host: str = Field(
        default_factory=str,
        description="The host name of a public platform. Valid only with `exposure: public`, "
        "which requires it.",
        max_length=253,
        pattern=HOST_NAME,
        json_schema_extra=rule("a full host name in lower case, such as pilot.example.org"),
    )
    people: list[Person] = Field(
        default_factory=list,
        description="Who gets an account in MLflow and in Airflow. `pilothouse people` shows the "
        "passwords, which are generated, and changes them. The accounts go with the line.",
        max_length=MOST_PEOPLE,
    )
    oidc: Oidc | None = Field(
        default=None,
        description="The OpenID Connect provider by which people log in to the consoles, in place "
        "of `people`. By default there is none.",
    )

    @field_validator("people")
    @classmethod
    def _check_people(cls, people: list[Person]) -> list[Person]:
        known: set[str] = set()
        for number, person in enumerate(people):
            if person.email in known:
                raise refusal(
                    key=(number, "email"),
                    found=f"{shown(person.email)} a second time",
                    remedy="give each person one line",
                )
            known.add(person.email)
        return people

    @property
    def roles(self) -> Mapping[str, Role]:
        """The people's roles by their e-mail addresses."""
        return {person.email: person.role for person in self.people}

    @model_validator(mode="after")
    def _check_logins(self) -> Self:
        if self.oidc and self.people:
            raise refusal(
                key="people",
                found=f"{len(self.people)} with oidc",
                remedy="remove it: with a provider, its groups say who logs in (oidc.roles); "
                "or remove oidc",
            )
        return self

    @model_validator(mode="after")
    def _check_host(self) -> Self:
        if self.exposure == "public" and not self.host:
            raise refusal(
                key="host",
                found="nothing with exposure: public",
                remedy="add the host name, or set exposure: private",
            )
        if self.exposure == "private" and self.host:
            raise refusal(
                key="host",
                found=f"{shown(self.host)} with exposure: private",
                remedy="remove it, or set exposure: public",
            )
        return self


class Platform(Section):
    """What a team asks for."""

    name: str = Field(
        description="The platform's name, with which the names of its resources begin.",
        max_length=30,
        pattern=_NAME,
        json_schema_extra=rule(
            "up to 30 lower-case letters, digits and dashes, "
            "a letter first and no dash last, such as churn-model"
        ),
    )
    owner: str = Field(
        description="The owner of the platform: an e-mail address or a team's name.",
        max_length=63,
        pattern=_OWNER,
        json_schema_extra=rule(
            "an e-mail address or a team's name of up to 63 letters, digits, "
            "dots, dashes and underscores, such as ml-team@example.org"
        ),
    )
    pilot: Pilot = Field(description="The end and the budget of the pilot.")
    size: Literal["small", "medium", "large"] = Field(
        default="small",
        description="`small`: a few people try it. `medium`: a team works on it daily. "
        "`large`: several teams, or heavy pipelines.",
    )
    storage: Storage = Field(default_factory=Storage)
    compute: Compute = Field(default_factory=Compute)
    orchestration: Orchestration = Field(default_factory=Orchestration)
    tracking: Tracking = Field(default_factory=Tracking)
    access: Access = Field(default_factory=Access)
    workload: Workload | None = Field(
        default=None,
        description="The team's own package, which `pilothouse run` runs. By default there is "
        "none.",
    )

    _document: yaml_reader.Document = PrivateAttr(
        default=yaml_reader.Document(file="platform.yaml", data={}, lines={})
    )

    def engine(self, capability: str) -> str:
        """The engine of one of ENGINES."""
        return str(getattr(self, capability).engine)

    def problem(self, key: str | KeyPath, *, found: str, remedy: str) -> Problem:
        """A problem with a key such as `compute.gpus`, pointing into the file it came from."""
        path = tuple(key.split(".")) if isinstance(key, str) else key
        return self._document.problem(path, found=found, remedy=remedy)


ENGINES: Mapping[str, tuple[str, ...]] = {
    "tracking": get_args(Tracking.model_fields["engine"].annotation),
    "orchestration": get_args(Orchestration.model_fields["engine"].annotation),
}
"""The engines of each capability that has a choice, the default first."""


def load(path: str | Path, *, today: date | None) -> Platform:
    """Read `platform.yaml`; raises InvalidInput with everything that is wrong with it.

    `today` is what the expiry is compared with; None accepts an expired pilot, which a teardown
    has to.
    """
    document = yaml_reader.read(Path(path))
    return parse_data(document.data, document, today=today)


def parse_data(data: object, document: Document, *, today: date | None) -> Platform:
    """The same as `load` from the data of `document`, which has the place of each value."""
    platform = parse(Platform, data, document=document, context={"today": today})
    platform._document = document
    return platform
