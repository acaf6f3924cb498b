import math
from typing import Any

import pytest
from pydantic import Field, ValidationError

from pilothouse import targets
from pilothouse.config.platform_spec import Platform
from pilothouse.config.section import Section, rule
from pilothouse.config.validation import parse
from pilothouse.config.yaml_reader import Document
from pilothouse.errors import InvalidInput

FILE = Document(file="f.yaml", data={}, lines={})


class Disk(Section):
    size_gib: float = Field(default=1.0, description="Its size.")
    label: str = Field(
        default="a", pattern="^a+$", description="Its label.", json_schema_extra=rule("letters a")
    )


def problem(data: dict[str, Any]) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse(Disk, data, document=FILE)
    return str(caught.value)


def test_keys_are_in_camel_case() -> None:
    assert parse(Disk, {"sizeGib": 2.5}, document=FILE).size_gib == 2.5
    assert Disk.model_json_schema()["properties"]["sizeGib"]["title"] == "sizeGib"


def test_the_spelling_in_python_is_an_unknown_key_with_a_guess() -> None:
    assert "size_gib: found an unknown key; did you mean sizeGib?" in problem({"size_gib": 2.5})


@pytest.mark.parametrize("size", [math.inf, math.nan, "2", True, None])
def test_a_number_is_finite_and_no_text(size: object) -> None:
    assert problem({"sizeGib": size}).startswith("f.yaml: sizeGib: found")


def test_a_rule_says_in_words_what_a_pattern_means() -> None:
    assert problem({"label": "b"}) == 'f.yaml: label: found "b"; write letters a'


def test_a_section_does_not_change() -> None:
    with pytest.raises(ValidationError):
        Disk().size_gib = 2.0  # type: ignore[misc] # frozen: mypy sees it too


@pytest.mark.parametrize("target", targets.BUILT_IN)
def test_every_file_that_users_write_is_made_of_sections(target: str) -> None:
    assert issubclass(targets.load(target, "settings"), Section)
    assert issubclass(Platform, Section)
