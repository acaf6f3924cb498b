"""Secrets by name inside of data: `{secret: NAME}`, and what is refused in place of that."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeIs

from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.config.workload import RESERVED, VARIABLE, VARIABLE_RULE
from pilothouse.config.yaml_reader import KeyPath

KEY = "secret"
BY_NAME = "write {secret: NAME}, whose value comes from where those of workload.secrets do"
_SECRET_KEY = re.compile(
    r"(.*[-_. ])?"
    r"(passw(or)?d|passphrase|secret|token|api_?key|private_key|access_key|keyfile_dict)",
    re.IGNORECASE,
)
"""The keys under which a text is taken for a secret."""


def _fault(name: object, key: KeyPath = ()) -> PydanticCustomError | None:
    """What is wrong with a secret's name; what is none may be a secret and is not shown."""
    if not isinstance(name, str) or not re.fullmatch(VARIABLE, name):
        found = "what is no name of a secret"
        return refusal(key=key, found=found, remedy=f"write {VARIABLE_RULE}")
    if RESERVED.fullmatch(name):
        found = f"{name}, which the platform sets"
        return refusal(key=key, found=found, remedy="give it another name")
    return None


def _check_name(name: object) -> object:
    if fault := _fault(name):
        raise fault
    return name


class Reference(Section):
    """A secret, by its name."""

    secret: str = Field(
        description="The secret's name. Its value comes from where those of `workload.secrets` do.",
        json_schema_extra={"pattern": VARIABLE, **rule(VARIABLE_RULE)},
    )

    _check_secret = field_validator("secret", mode="before")(_check_name)


def check_password(value: object) -> object:
    """Raise a refusal of a password itself, before a message about its type could show it."""
    if value is None or isinstance(value, dict):
        return value
    raise refusal(found="a password itself", remedy=BY_NAME)


def check_data(value: object, path: KeyPath) -> None:
    """Raise a refusal of a text at `path` or below that is a secret by its key, or a wrong name."""
    if is_reference(value):
        if fault := _fault(value[KEY], (*path, KEY)):
            raise fault
        return
    if isinstance(value, str) and path and _SECRET_KEY.fullmatch(str(path[-1])):
        raise refusal(key=path, found="a secret itself", remedy=BY_NAME)
    for key, inner in _items(value):
        check_data(inner, (*path, key))


def is_reference(value: object) -> TypeIs[dict[str, Any]]:
    """Whether the value is a secret by its name."""
    return isinstance(value, dict) and value.keys() == {KEY}


def references(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """The secrets at `path` and below, each with the place of its name."""
    if is_reference(value):
        yield (*path, KEY), value[KEY]
        return
    for key, inner in _items(value):
        yield from references(inner, (*path, key))


def filled(value: object, secrets: Mapping[str, str]) -> Any:
    """`value` with secrets in the place of their names."""
    if is_reference(value):
        return secrets[value[KEY]]
    if isinstance(value, dict):
        return {key: filled(inner, secrets) for key, inner in value.items()}
    return [filled(inner, secrets) for inner in value] if isinstance(value, list) else value


def _items(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, dict):
        yield from value.items()
    if isinstance(value, list):
        yield from enumerate(value)
