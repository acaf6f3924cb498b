import itertools
import math
from datetime import date
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from pilothouse import targets
from pilothouse.config import validation
from pilothouse.config.platform_spec import Platform
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


def test_a_pattern_without_a_rule_is_shown() -> None:
    assert problem(pattern="b").remedy == "write text that matches ^a+$"


def test_an_error_of_a_validator_is_its_remedy() -> None:
    assert problem(hopeless=1).remedy == "never right"


INVALID: tuple[object, ...] = (
    *(None, True, -1, 10**9, -0.5, 1e9, math.nan, math.inf, "", "\n", "x" * 1000),
    *([], ["x"] * 200, {}, date(2027, 12, 31)),
)
NESTED: tuple[object, ...] = (
    *INVALID,
    *([value] for value in INVALID),
    *({"x": value} for value in INVALID),
)
KINDS_OF_ALL = {
    *("bool_type", "dict_type", "float_type", "int_type", "list_type", "model_type"),
    *("finite_number", "greater_than", "greater_than_equal", "less_than_equal"),
    *("string_pattern_mismatch", "string_too_long", "string_too_short", "string_type"),
    *("too_long", "too_short", "extra_forbidden", "literal_error", "missing", "refused"),
}


def models(annotation: Any) -> set[type[BaseModel]]:
    """The models in an annotation, and those of their fields."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return set().union(*map(models, get_args(annotation)))
    fields = annotation.model_fields.values()
    return {annotation}.union(*(models(field.annotation) for field in fields))


def test_every_error_of_our_models_has_a_remedy_of_ours() -> None:
    settings = [targets.load(target, "settings") for target in targets.registered()]
    kinds = set()
    for model in set().union(*map(models, [Platform, *settings])):
        names = [field.alias or name for name, field in model.model_fields.items()]
        for name, value in itertools.product([*names, "unknown"], NESTED):
            for error, found in errors(model, {name: value}):
                kinds.add(error["type"])
                assert found.remedy not in ("", validation._OTHER_REMEDY), error
                assert error["type"] == "refused" or error["msg"] not in found.remedy, error
    assert kinds >= KINDS_OF_ALL


def errors(model: type[BaseModel], data: object) -> list[tuple[ErrorDetails, Problem]]:
    """Pydantic's errors about `data`, each with the problem that `parse` makes of it."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        with pytest.raises(InvalidInput) as caught:
            parse(model, data, document=Document(file="f.yaml", data={}, lines={}))
        return list(zip(error.errors(), caught.value.problems, strict=True))
    return []


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
