"""The JSON Schemas of the files that users write, for their editors."""

from typing import Any

from pydantic import BaseModel

from pilothouse.config.platform_spec import Platform
from pilothouse.config.stack_file import NAMESPACE, TARGET

_DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def of_platform() -> dict[str, Any]:
    """The JSON Schema of `platform.yaml`."""
    return _DIALECT | Platform.model_json_schema()


def of_stack(target: str, settings: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of `stacks/Pulumi.<stack>.yaml` for a target and the model of its settings.

    Top-level keys and namespaces that are not pilothouse's belong to Pulumi: any value is valid.
    """
    schema = settings.model_json_schema()
    definitions = schema.pop("$defs", {})
    reference = {"$ref": f"#/$defs/{settings.__name__}"}
    required = "required" in schema
    config = {
        "type": "object",
        "properties": {
            TARGET: {"const": target, "description": "The target that the stack runs on."},
            f"{NAMESPACE}{target}": (
                reference if required else {"anyOf": [reference, {"type": "null"}]}
            ),
        },
        "patternProperties": {f"^(?!{NAMESPACE}).*:": {}},
        "additionalProperties": False,
        "required": [TARGET, f"{NAMESPACE}{target}"] if required else [TARGET],
    }
    return _DIALECT | {
        "$defs": {**definitions, settings.__name__: schema},
        "description": f"A stack on the target {target}.",
        "properties": {"config": config},
        "required": ["config"],
        "title": f"Pulumi.<stack>.yaml on {target}",
        "type": "object",
    }
