"""Turns pydantic's errors about a file's data into problems with a place and a remedy."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from pilothouse.config.section import Section
from pilothouse.config.yaml_reader import Document, KeyPath
from pilothouse.errors import InvalidInput, Problem, closest, one_of, shown

Model = TypeVar("Model", bound=BaseModel)

# By pydantic's type of the error, with the fields of its context in braces.
_REMEDIES = {
    "bool_type": "write true or false",
    "date_type": "write a date such as 2027-12-31",
    "dict_type": "write keys with values below it, indented",
    "finite_number": "write a finite number",
    "float_type": "write a number",
    "greater_than": "write a number greater than {gt}",
    "greater_than_equal": "write a number greater than or equal to {ge}",
    "int_type": "write a whole number",
    "invalid_key": "use text as a key, or quote it",
    "less_than": "write a number less than {lt}",
    "less_than_equal": "write a number less than or equal to {le}",
    "list_type": "write a list",
    "model_type": "write its keys below it, indented",
    "string_pattern_mismatch": "write text that matches {pattern}",
    "string_too_long": "write {max_length} or fewer characters",
    "string_too_short": "write {min_length} or more characters",
    "string_type": "write text (a number as text needs quotes)",
    "too_long": "write a list of {max_length} or fewer items",
    "too_short": "write a list of {min_length} or more items",
    "value_error": "{error}",
}
_OTHER_REMEDY = "write a valid value"


def refusal(*, found: str, remedy: str, key: str | KeyPath = "") -> PydanticCustomError:
    """The error that a validator raises for a value that has the right type and is not valid.

    `key` is the invalid key as the file spells it, or the path to it, where the validator checks a
    whole section.
    """
    parts = {"found": found, "remedy": remedy, "key": key}
    return PydanticCustomError("refused", "{found}; {remedy}", parts)


def parse(
    model: type[Model],
    data: object,
    *,
    document: Document,
    prefix: KeyPath = (),
    context: dict[str, Any] | None = None,
) -> Model:
    """Validate `data`, the value at `prefix` in the document, as a `model`.

    Raises InvalidInput with every problem.
    """
    try:
        return model.model_validate(data, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = [_problem(detail, model, document, prefix) for detail in details]
        raise InvalidInput(problems) from None


def _problem(
    error: ErrorDetails, model: type[BaseModel], document: Document, prefix: KeyPath
) -> Problem:
    context = error.get("ctx", {})
    key = context.get("key") or ()
    place = (*error["loc"], *((key,) if isinstance(key, str) else key))
    field = _field(model, place)
    hidden = _is_encrypted(document.data, (*prefix, *place))
    found = context.get("found") or _found(error, field, hidden=hidden)
    remedy = context.get("remedy") or _remedy(error, model, field)
    return document.problem((*prefix, *place), found=found, remedy=remedy)


def _is_encrypted(data: object, path: KeyPath) -> bool:
    """Whether the value at `path` is encrypted in the file, as Pulumi writes it."""
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
        if isinstance(data, dict) and "secure" in data:
            return True
    return False


def _found(error: ErrorDetails, field: FieldInfo | None, *, hidden: bool) -> str:
    if error["type"] == "missing":
        return "nothing"
    if error["type"] == "extra_forbidden":
        return "an unknown key"
    if hidden or (field and SecretStr in _leaves(field.annotation)):
        return "a secret value"
    return shown(error["input"])


def _remedy(error: ErrorDetails, model: type[BaseModel], field: FieldInfo | None) -> str:
    kind = error["type"]
    if kind == "missing":
        return f"add it: {_meaning(field)}"
    if kind == "extra_forbidden":
        return _known_keys(model, error["loc"])
    if kind == "literal_error" and field:
        choices = [leaf for leaf in _leaves(field.annotation) if isinstance(leaf, str)]
        return one_of(error["input"], choices)
    if kind.startswith("string_") and (rule := _rule(field)):
        return f"write {rule}"
    return _REMEDIES.get(kind, _OTHER_REMEDY).format(**error.get("ctx", {}))


def _meaning(field: FieldInfo | None) -> str:
    return (field.description if field else None) or "it has no default"


def _rule(field: FieldInfo | None) -> str:
    extra = field.json_schema_extra if field else None
    return str(extra.get("patternErrorMessage", "")) if isinstance(extra, dict) else ""


def _known_keys(model: type[BaseModel], place: KeyPath) -> str:
    word, section = str(place[-1]), _model(model, place[:-1])
    if instead := _instead(section).get(word):
        return instead
    siblings = _fields(section)
    if closest(word, siblings):
        return one_of(word, siblings)
    elsewhere: dict[str, str] = {}
    for path in sorted(_paths(model), key=lambda path: path.count(".")):
        elsewhere.setdefault(path.rpartition(".")[2], path)
    if guess := closest(word, elsewhere):
        return f"did you mean {elsewhere[guess]}? valid here are: {', '.join(siblings)}"
    return one_of(word, siblings)


def _paths(model: object, above: str = "") -> Iterator[str]:
    for name, field in _fields(model).items():
        yield f"{above}{name}"
        yield from _paths(field.annotation, f"{above}{name}.")


def _field(model: object, place: KeyPath) -> FieldInfo | None:
    return _fields(_model(model, place[:-1])).get(str(place[-1])) if place else None


def _model(model: object, place: KeyPath) -> object:
    for part in place:
        if isinstance(part, str):
            model = _below(model, part)
    return model


def _below(model: object, key: str) -> object:
    """The type of the value at `key`, in a section or in a mapping with any keys."""
    for annotation in (model, *get_args(model)):
        if get_origin(annotation) is dict:
            return get_args(annotation)[1]
    field = _fields(model).get(key)
    return field.annotation if field else None


def _fields(annotation: object) -> dict[str, FieldInfo]:
    for leaf in _leaves(annotation):
        if isinstance(leaf, type) and issubclass(leaf, BaseModel):
            return {field.alias or name: field for name, field in leaf.model_fields.items()}
    return {}


def _instead(annotation: object) -> Mapping[str, str]:
    for leaf in _leaves(annotation):
        if isinstance(leaf, type) and issubclass(leaf, Section):
            return leaf.instead
    return {}


def _leaves(annotation: object) -> list[object]:
    """The types in an annotation: `Item` and None's type in `list[Item] | None`."""
    parts = get_args(annotation)
    return [leaf for part in parts for leaf in _leaves(part)] if parts else [annotation]
