from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from pilothouse.config.validation import parse
from pilothouse.config.yaml_reader import Document
from pilothouse.errors import InvalidInput, Problem, closest, one_of, shown


def fail(value: int) -> int:
    raise ValueError("never right")


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    depth: int = 1


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    items: list[Inner] = []
    perhaps: Inner | None = None
    colour: Literal["red", "green"] | None = None
    token: SecretStr | None = None
    free: dict[str, int] = {}
    pattern: str = Field(default="a", pattern="^a+$")
    hopeless: Annotated[int, AfterValidator(fail)] = 1
    required: int


def problem(**data: Any) -> Problem:
    document = Document(file="f.yaml", data={}, lines={(): 1, ("items", 0): 7})
    with pytest.raises(InvalidInput) as caught:
        parse(Outer, {"required": 1} | data, document=document)
    (found,) = caught.value.problems
    return found


def test_items_of_lists_are_found() -> None:
    found = problem(items=[{"depth": "x"}])
    assert (found.line, found.key) == (7, "items[0].depth")


def test_unknown_keys_below_lists_and_optional_sections_are_refused_with_a_guess() -> None:
    found = problem(items=[{"dept": 1}])
    assert (found.key, found.remedy) == (
        "items[0].dept",
        "did you mean depth? valid are: depth",
    )
    assert problem(perhaps={"dept": 1}).remedy == "did you mean depth? valid are: depth"


def test_optional_choices_are_named() -> None:
    assert problem(colour="gren").remedy == "did you mean green? valid are: red, green"


def test_an_optional_secret_is_not_shown() -> None:
    assert problem(token=12345).found == "a secret value"


def test_values_below_free_keys_are_found() -> None:
    found = problem(free={"a": "x"})
    assert (found.key, found.found, found.remedy) == ("free.a", '"x"', "write a whole number")


def test_a_pattern_without_a_rule_speaks_for_itself() -> None:
    assert problem(pattern="b").remedy == "String should match pattern '^a+$'"


def test_an_error_of_a_validator_is_its_remedy() -> None:
    assert problem(hopeless=1).remedy == "never right"


def test_a_field_without_description_is_asked_for_all_the_same() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(Outer, {}, document=Document(file="f.yaml", data={}, lines={}))
    assert str(caught.value) == "f.yaml: required: found nothing; add it: it has no default"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (1.5, "1.5"),
        ("a\n\x1b\u202e", '"a\\n\\u001b\\u202e"'),
        ({"a": 1}, "a mapping"),
        ([1], "a list"),
        ("x" * 58, f'"{"x" * 58}"'),
        ("x" * 59, f'"{"x" * 59}…'),
    ],
)
def test_values_are_shown_short_and_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_guess_ignores_case_and_gives_up_on_long_words() -> None:
    assert closest("MONTHLY_BUDGET", ["monthlyBudget", "expires"]) == "monthlyBudget"
    assert closest("zzz", ["monthlyBudget"]) == ""
    assert closest("a" * 61, ["a" * 61]) == ""
    assert closest("a" * 60, ["a" * 60]) == "a" * 60


def test_a_remedy_names_what_is_valid() -> None:
    assert one_of("smal", ["small", "large"]) == "did you mean small? valid are: small, large"
    assert one_of(7, ["small", "large"]) == "valid are: small, large"
