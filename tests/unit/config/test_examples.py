from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pilothouse.config import json_schema, yaml_reader
from pilothouse.config.platform_spec import load

ROOT = Path(__file__).parents[3]
EXAMPLES = [ROOT / "platform.yaml", *sorted((ROOT / "examples").glob("*.yaml"))]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid(path: Path) -> None:
    assert load(path, today=date(2026, 11, 23)).name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid_by_the_schema(path: Path) -> None:
    Draft202012Validator(json_schema.of_platform()).validate(yaml_reader.read(path).data)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_names_the_schema_for_editors(path: Path) -> None:
    comment = path.read_text(encoding="utf-8").splitlines()[0]
    schema = comment.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / schema).resolve() == ROOT / "schemas/platform.schema.json"


def test_the_minimal_example_has_five_lines_besides_comments() -> None:
    lines = (ROOT / "examples/minimal.yaml").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not line.startswith("#")]) == 5


def test_the_full_example_has_every_key() -> None:
    data = yaml_reader.read(ROOT / "examples/full.yaml").data
    schema = json_schema.of_platform()
    assert data.keys() == schema["properties"].keys()
    data["access"]["oidc"] = "what excludes people"
    data["orchestration"]["dags"] = "a folder, which must be there"
    data["orchestration"]["objects"] = "a file, which must be there"
    data["orchestration"]["requirements"] = "a file, which must be there"
    for key, value in schema["properties"].items():
        if "$ref" in value:
            assert data[key].keys() == schema["$defs"][key.capitalize()]["properties"].keys()
