"""`platform.yaml` as types: what a team asks for, with no word of where it will run.

In Python, `compute.parallelism` is 0 and `access.host` is empty where the file does not give them.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from pilothouse.config import yaml_reader
from pilothouse.config.validation import parse, refusal
from pilothouse.errors import Problem, shown

# A pilot that runs longer than two years is no pilot: its platform should be set up for good.
LONGEST_PILOT = timedelta(days=731)

_NAME = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
_OWNER = r"^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?(@[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?)?$"
_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_HOST = rf"^({_LABEL}\.)+[a-z]([-a-z0-9]{{0,61}}[a-z0-9])?$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_DATE_RULE = "a date of the calendar as YYYY-MM-DD"


def _rule(words: str) -> dict[str, Any]:
    """What a pattern means, for messages here and in editors."""
    return {"patternErrorMessage": words}


def _to_date(value: object) -> object:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(_DATE, value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise refusal(found=shown(value), remedy=f"write {_DATE_RULE}")


class Section(BaseModel):
    """A part of `platform.yaml`: camelCase keys, strict types, nothing unknown."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        allow_inf_nan=False,
        extra="forbid",
        field_title_generator=lambda name, _: to_camel(name),
        frozen=True,
        strict=True,
    )


class Pilot(Section):
    """How long the pilot runs and what it may cost."""

    expires: Annotated[date, BeforeValidator(_to_date)] = Field(
        description="The last day of the pilot, at most two years ahead. Everything that is made "
        "is marked with it, so that what outlives it is found.",
        json_schema_extra={"pattern": _DATE, **_rule(_DATE_RULE)},
    )
    monthly_budget: float = Field(
        description="What the platform may cost in a month, in US dollars.", gt=0, le=1_000_000
    )

    @field_validator("expires")
    @classmethod
    def _is_ahead(cls, expires: date, info: ValidationInfo) -> date:
        today = (info.context or {}).get("today")
        if today is None or today < expires <= today + LONGEST_PILOT:
            return expires
        first, last = today + timedelta(days=1), today + LONGEST_PILOT
        raise refusal(found=expires.isoformat(), remedy=f"choose a day from {first} to {last}")


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
        description="Days that a noncurrent version is kept. Only with versioning.",
        ge=1,
        le=3650,
    )

    @model_validator(mode="after")
    def _retains_only_versions(self) -> Self:
        if not self.versioning and "retention_days" in self.model_fields_set:
            raise refusal(
                key="retentionDays",
                found=f"{self.retention_days} with versioning: false",
                remedy="remove it, or set versioning: true",
            )
        return self


class Compute(Section):
    """What tasks run on."""

    # A factory keeps the stand-in for "not given" out of the published schema.
    parallelism: int = Field(
        default_factory=int,
        description="How many tasks may run at once. "
        "Unless given, the size decides: 4 if small, 16 if medium, 32 if large.",
        ge=1,
        le=64,
    )
    gpus: int = Field(
        default=0, description="How many GPUs one task may ask for; 0 is none.", ge=0, le=8
    )


class Orchestration(Section):
    """What runs pipelines."""

    engine: Literal["airflow", "managed"] = Field(
        default="airflow",
        description="The system that schedules and runs pipelines. `managed`: the target's own.",
    )
    log_retention_days: int = Field(
        default=30, description="Days that the logs of tasks are kept.", ge=1, le=3650
    )


class Tracking(Section):
    """What records experiments and models."""

    engine: Literal["mlflow", "managed"] = Field(
        default="mlflow",
        description="The system that records runs and registers models. `managed`: the target's "
        "own.",
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
        description="`private`: reached from inside only. `public`: served by name, over TLS.",
    )
    host: str = Field(
        default_factory=str,
        description="The name under which a public platform is served. Only with "
        "`exposure: public`, which needs it.",
        max_length=253,
        pattern=_HOST,
        json_schema_extra=_rule("a full host name in lower case, such as pilot.example.org"),
    )

    @model_validator(mode="after")
    def _is_served_by_name_if_public(self) -> Self:
        if self.exposure == "public" and not self.host:
            raise refusal(
                key="host",
                found="nothing with exposure: public",
                remedy="add the name under which it is served, or set exposure: private",
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
        description="What the platform is called. Names of everything that is made begin with it.",
        max_length=30,
        pattern=_NAME,
        json_schema_extra=_rule(
            "up to 30 lower-case letters, digits and dashes, "
            "a letter first and no dash last, such as churn-model"
        ),
    )
    owner: str = Field(
        description="Who answers for the platform: an e-mail address or a team's name.",
        max_length=63,
        pattern=_OWNER,
        json_schema_extra=_rule(
            "an e-mail address or a team's name of up to 63 letters, digits, "
            "dots, dashes and underscores, such as ml-team@example.org"
        ),
    )
    pilot: Pilot = Field(description="How long the pilot runs and what it may cost.")
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

    _document: yaml_reader.Document = PrivateAttr(
        default=yaml_reader.Document(file="platform.yaml", data={}, lines={})
    )

    def engine(self, capability: str) -> str:
        """The engine of one of ENGINES."""
        return str(getattr(self, capability).engine)

    def problem(self, key: str, *, found: str, remedy: str) -> Problem:
        """A problem with a key such as `compute.gpus`, pointing into the file it came from."""
        return self._document.problem(tuple(key.split(".")), found=found, remedy=remedy)


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
    platform = parse(Platform, document.data, document=document, context={"today": today})
    platform._document = document
    return platform


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `platform.yaml`."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | Platform.model_json_schema()


def schema_text() -> str:
    """The file `schemas/platform.schema.json`."""
    return json.dumps(json_schema(), indent=2) + "\n"


def docs_text() -> str:
    """The file `docs/platform.md`: every key, what is valid, its default and its meaning."""
    rows = [f"| {' | '.join(row)} |" for row in _rows(json_schema())]
    return _DOCS_HEAD + "\n".join(rows) + "\n"


_DOCS_HEAD = """\
# platform.yaml

Generated by `python -m pilothouse.config.platform_spec docs`. What a team asks for, with no word
of where it will run. A key whose default is empty may be left out, as its meaning says.

| Key | Valid | Default | Meaning |
| --- | --- | --- | --- |
"""


def _rows(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for key, value in schema["properties"].items():
        section = schema["$defs"].get(value.get("$ref", "").rpartition("/")[2])
        if section:
            inner = {**section, "$defs": schema["$defs"]}
            yield from ((f"{key}.{row[0]}", *row[1:]) for row in _rows(inner))
        else:
            yield key, _valid(value), _default(key, schema), value["description"]


def _default(key: str, schema: Mapping[str, Any]) -> str:
    if key in schema.get("required", ()):
        return "required"
    value = schema["properties"][key].get("default")
    return "" if value is None else f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _valid(value: Mapping[str, Any]) -> str:
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{name}`" for name in value["enum"])
    if value["type"] == "integer":
        return f"a whole number from {value['minimum']} to {value['maximum']}"
    if value["type"] == "number":
        return f"a number above {value['exclusiveMinimum']}, at most {value['maximum']}"
    return str(value.get("patternErrorMessage", "`true` or `false`"))


if __name__ == "__main__":
    sys.stdout.write({"schema": schema_text, "docs": docs_text}[sys.argv[1]]())
