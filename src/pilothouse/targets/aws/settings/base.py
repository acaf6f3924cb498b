"""The base of the target's settings, and patterns in words."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A section of the settings: camelCase keys, strict types, no unknown keys."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, strict=True
    )


def rule(words: str) -> dict[str, Any]:
    """A pattern in words, for error messages."""
    return {"patternErrorMessage": words}
