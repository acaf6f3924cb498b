"""What the target's settings are made of: their base, and how a pattern is said in words."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A part of the settings: camelCase keys, strict types, nothing unknown."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, strict=True
    )


def rule(words: str) -> dict[str, Any]:
    """What a pattern means, for messages."""
    return {"patternErrorMessage": words}
