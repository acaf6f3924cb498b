"""The base of every part of a file that users write: `platform.yaml` and a stack's settings."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A mapping with camelCase keys, strict types, and no unknown keys."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        allow_inf_nan=False,
        extra="forbid",
        field_title_generator=lambda name, _: to_camel(name),
        frozen=True,
        strict=True,
    )
    instead: ClassVar[Mapping[str, str]] = {}
    """What to do instead, by keys that people look for here and that the section lacks."""


def rule(words: str) -> dict[str, Any]:
    """The `json_schema_extra` of a field whose valid values `words` describe.

    Messages, editors and the generated reference show the words in place of a pattern.
    """
    return {"patternErrorMessage": words}
