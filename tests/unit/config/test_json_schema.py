"""The schemas of stack files accept and refuse what the models do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pilothouse import targets
from pilothouse.config import json_schema

ROOT = Path(__file__).parents[3]
AWS = {"region": "eu-west-1", "accountId": "123456789012"}
MANUALS = [("aws", "aws-settings"), ("kubernetes", "kubernetes-settings")]


def validator(target: str) -> Draft202012Validator:
    schema = json_schema.of_stack(target, targets.load(target, "settings"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def stack(target: str, settings: object = None, **more: Any) -> dict[str, Any]:
    given = {} if settings is None else {f"pilothouse:{target}": settings}
    return {"config": {"pilothouse:target": target, **given, **more}}


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("local", stack("local")),
        ("local", {"config": {"pilothouse:target": "local", "pilothouse:local": None}}),
        ("local", stack("local", {"basePort": 21000})),
        ("local", {**stack("local", **{"aws:region": "eu-west-1"}), "encryptionsalt": "v1:a"}),
        ("kubernetes", stack("kubernetes", {"components": {"mlflow": {}}})),
        ("aws", stack("aws", AWS)),
    ],
)
def test_a_stack_file_is_valid(target: str, file: dict[str, Any]) -> None:
    validator(target).validate(file)


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("local", {}),
        ("local", {"config": {}}),
        ("local", stack("aws", AWS)),
        ("local", stack("local", {"base_port": 21000})),
        ("local", stack("local", {"basePort": 80})),
        ("local", stack("local", **{"pilothouse:locl": {}})),
        ("local", stack("local", port=7)),
        ("aws", stack("aws")),
        ("aws", stack("aws", {**AWS, "region": "eu-west-9"})),
        ("kubernetes", stack("kubernetes", {"components": {"mlflow": {"replicas": 2}}})),
    ],
)
def test_a_wrong_stack_file_is_not(target: str, file: dict[str, Any]) -> None:
    assert not validator(target).is_valid(file)


@pytest.mark.parametrize("cpu", [2, 0.5, "250m"])
def test_an_amount_is_a_number_or_a_quantity(cpu: object) -> None:
    resources = {"requests": {"cpu": cpu, "memory": "4Gi"}}
    settings = {"components": {"mlflow": {"resources": resources}}}
    validator("kubernetes").validate(stack("kubernetes", settings))


@pytest.mark.parametrize(("target", "manual"), MANUALS)
def test_the_examples_of_the_manual_are_valid(target: str, manual: str) -> None:
    text = (ROOT / f"docs/{manual}.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```yaml\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert len(examples) >= 4
    for example in examples:
        data = yaml.safe_load(example)
        validator(target).validate(data if "config" in data else stack(target, data))
