"""No sentence of pydantic's reaches a user, whatever a field's constraint that a value breaks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, get_args

import annotated_types
import pytest
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from pilothouse import targets
from pilothouse.config import validation
from pilothouse.config.platform_spec import Platform
from pilothouse.config.validation import parse
from pilothouse.config.yaml_reader import Document
from pilothouse.errors import InvalidInput

SENTENCES = re.compile(
    r"Input should|should (be|have|match)|Value error|validation error|Field required|"
    r"Extra inputs|Keys should|after validation|pydantic|type=|characters? long"
)
OF_EVERY_KIND: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**63, 0.5, -0.5, 1e308, float("nan"), float("inf")),
    *("", " ", "\n", "x", "true", "1", "x" * 5000, "ä", b"x"),
    *(date(2027, 1, 1), datetime(2027, 1, 1, tzinfo=UTC), SecretStr("x"), (1,), {1}),
    *([], [[]], [None], ["x", "x"], ["x"] * 200, {}, {"": 1}, {1: 1}, {None: None}, {"x": {}}),
)


def models(annotation: Any) -> set[type[BaseModel]]:
    """The models in an annotation, and those of their fields."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return set().union(*map(models, get_args(annotation)))
    fields = annotation.model_fields.values()
    return {annotation}.union(*(models(field.annotation) for field in fields))


def all_models() -> list[type[BaseModel]]:
    roots = [Platform, *(targets.load(name, "settings") for name in targets.registered())]
    return sorted(set().union(*map(models, roots)), key=lambda model: model.__qualname__)


def at_the_bounds(field: FieldInfo) -> Iterator[Any]:
    """Values just outside of what a field allows, by its constraints wherever they stand."""
    for rule in _constraints(field):
        if isinstance(rule, annotated_types.MaxLen):
            over = rule.max_length + 1
            yield from (
                "x" * over,
                [f"x{n}" for n in range(over)],
                {f"x{n}": n for n in range(over)},
            )
        elif isinstance(rule, annotated_types.MinLen):
            under = rule.min_length - 1
            yield from ("x" * under, [f"x{n}" for n in range(under)])
        elif isinstance(rule, annotated_types.Ge):
            yield from (rule.ge - 1, float(rule.ge) - 0.1)  # type: ignore[operator, arg-type]
        elif isinstance(rule, annotated_types.Gt):
            yield from (rule.gt, float(rule.gt))  # type: ignore[arg-type]
        elif isinstance(rule, annotated_types.Le):
            yield from (rule.le + 1, float(rule.le) + 0.1)  # type: ignore[operator, arg-type]
        elif isinstance(rule, annotated_types.Lt):
            yield from (rule.lt, float(rule.lt))  # type: ignore[arg-type]


def _constraints(part: Any) -> Iterator[Any]:
    if isinstance(part, FieldInfo):
        yield from part.metadata
        yield from _constraints(part.annotation)
        return
    for metadata in getattr(part, "__metadata__", ()):
        yield metadata
        if isinstance(metadata, FieldInfo):
            yield from metadata.metadata
    for inner in get_args(part):
        yield from _constraints(inner)


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.__qualname__)
def test_each_message_is_ours_and_has_a_remedy(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        values = [*OF_EVERY_KIND, *at_the_bounds(field)]
        nested = [*values, *([value] for value in values), *({"x": value} for value in values)]
        for value in nested:
            check(model, {field.alias or name: value})
    for key, value in itertools.product(("unknown", "", 1, None), OF_EVERY_KIND):
        check(model, {key: value})
    for value in OF_EVERY_KIND:
        check(model, value)


def check(model: type[BaseModel], data: object) -> None:
    try:
        model.model_validate(data)
    except ValidationError:
        with pytest.raises(InvalidInput) as caught:
            parse(model, data, document=Document(file="f.yaml", data={}, lines={}))
        for found in caught.value.problems:
            assert found.remedy not in ("", validation._OTHER_REMEDY), (data, found)
            assert not SENTENCES.search(str(found)), (data, found)
