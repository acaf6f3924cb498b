"""`needs.yaml` as it is written: every key with what it means, and the answers to its questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from textwrap import wrap
from typing import Any, get_args

from pilothouse.advice.catalogue import Catalogue
from pilothouse.advice.needs import Gpus, Needs, Place, Tolerance
from pilothouse.config import validation
from pilothouse.config.yaml_reader import Document
from pilothouse.errors import one_of, shown

WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class Question:
    """A key of the file, as it is asked. `valid` are the words that an answer consists of.

    parse: the value of an answer; ValueError with the remedy for one that is none.
    """

    key: str
    text: str
    default: str
    valid: Sequence[str]
    parse: Callable[[str], Any]


def questions(catalogue: Catalogue) -> list[Question]:
    """What is asked, in the order of the file."""
    skills, regions = sorted(catalogue.skills), sorted(catalogue.regions)
    capabilities, providers = sorted(catalogue.capabilities), sorted(catalogue.providers)
    return [
        _number("team.people", "How many people work with the platform", "3"),
        _several("team.skills", "What you know well enough to operate it", "python", skills),
        _number("team.operationsHours", "Hours a month that you have for operations", "4"),
        _number("budget", "US dollars a month for the platform", "500"),
        _several("mustHaves", "What it must have, else it is excluded", "", capabilities),
        _one("residency.place", "Where data may be", "anywhere", get_args(Place)),
        _one("residency.region", "In which part of the world", "eu", regions),
        _several("workloads.capabilities", "What your work uses", "", capabilities),
        _one("workloads.gpus", "Whether jobs need GPUs", "none", get_args(Gpus)),
        _flag("workloads.scheduled", "Whether runs must start by themselves, day and night"),
        _flag("existing.cluster", "Whether you have a cluster"),
        _several("existing.accounts", "With whom you have an account", "", providers),
        _one("lockIn", "How much may be rewritten on leaving", "medium", get_args(Tolerance)),
    ]


def answer(catalogue: Catalogue, question: Question, text: str) -> Any:
    """The value of an answer; ValueError or InvalidInput where it cannot stand in the file."""
    value = question.parse(text)
    _checked(_data(catalogue, {question.key: value}))
    return value


def render(catalogue: Catalogue, answers: Mapping[str, Any]) -> str:
    """The file with these answers by key; a question without one has its default.

    Raises InvalidInput where they are no valid needs.
    """
    data = _data(catalogue, answers)
    _checked(data)
    lines = ["# What the team needs; `pilothouse advise` reads it."]
    written = set[str]()
    for question in questions(catalogue):
        *sections, key = question.key.split(".")
        lines += [f"{section}:" for section in sections if section not in written]
        written.update(sections)
        valid = f": {', '.join(question.valid)}" if question.valid else ""
        indent = "  " * len(sections)
        comment = f"{indent}# "
        lines += wrap(
            question.text + valid, WIDTH, initial_indent=comment, subsequent_indent=comment
        )
        lines.append(f"{indent}{key}: {_written(_at(data, question.key))}")
    lines += [
        "# How much a need counts, by its name in the table; 1 where it is not named.",
        "# weights: {budget: 2}",
    ]
    return "\n".join(lines) + "\n"


def _data(catalogue: Catalogue, answers: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for question in questions(catalogue):
        *sections, key = question.key.split(".")
        place = data
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = answers.get(question.key, question.parse(question.default))
    return data


def _checked(data: dict[str, Any]) -> None:
    validation.parse(Needs, data, document=Document(file="", data=data, lines={}))


def _at(data: Mapping[str, Any], key: str) -> Any:
    value: Any = data
    for part in key.split("."):
        value = value[part]
    return value


def _written(value: Any) -> str:
    """A number, a flag, a word or a list of words as YAML."""
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return str(value).lower()


def _number(key: str, text: str, default: str) -> Question:
    return Question(key=key, text=text, default=default, valid=(), parse=_parse_number)


def _flag(key: str, text: str) -> Question:
    valid = ("no", "yes")
    return Question(key=key, text=text, default="no", valid=valid, parse=_parse_flag)


def _one(key: str, text: str, default: str, valid: Sequence[str]) -> Question:
    parse = partial(_parse_word, valid=valid)
    return Question(key=key, text=text, default=default, valid=valid, parse=parse)


def _several(key: str, text: str, default: str, valid: Sequence[str]) -> Question:
    parse = partial(_parse_words, valid=valid)
    return Question(key=key, text=text, default=default, valid=valid, parse=parse)


def _parse_number(answer: str) -> float | int:
    try:
        number = float(answer)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf"):
        raise ValueError(f"{shown(answer)} is no number from 0")
    return int(number) if number.is_integer() else number


def _parse_flag(answer: str) -> bool:
    return _parse_word(answer, valid=("no", "yes")) == "yes"


def _parse_word(answer: str, *, valid: Sequence[str]) -> str:
    if answer not in valid:
        raise ValueError(f"{shown(answer)} is unknown; {one_of(answer, valid)}")
    return answer


def _parse_words(answer: str, *, valid: Sequence[str]) -> list[str]:
    words = answer.replace(",", " ").split()
    return [_parse_word(word, valid=valid) for word in dict.fromkeys(words)]
