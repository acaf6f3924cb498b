"""Secrets are generated once, each of its kind."""

import base64
import re
from typing import get_args

import pytest

from pilothouse.services.generated_secrets import (
    SecretKind,
    asked_rotations,
    generate_missing,
    rotation,
)

FORMS = {
    "password": r"[\w-]{43}",
    "access-key": r"[0-9A-F]{20}",
    "fernet": r"[\w-]{43}=",
}


@pytest.mark.parametrize("kind", get_args(SecretKind))
def test_a_secret_has_the_form_of_its_kind_and_is_random(kind: SecretKind) -> None:
    one, other = (generate_missing({"key": kind}, {})["key"] for _ in range(2))
    assert re.fullmatch(FORMS[kind], one, re.ASCII)
    assert one != other


def test_a_fernet_key_has_32_bytes() -> None:
    key = generate_missing({"key": "fernet"}, {})["key"]
    assert len(base64.urlsafe_b64decode(key)) == 32


def test_existing_secrets_stay_and_unnamed_ones_go() -> None:
    secrets = generate_missing({"a": "password", "b": "password"}, {"a": "mine", "c": "old"})
    assert secrets.keys() == {"a", "b"}
    assert secrets["a"] == "mine"


def test_an_empty_secret_is_generated_anew() -> None:
    assert generate_missing({"a": "password"}, {"a": ""})["a"]


def test_a_secret_that_is_asked_for_is_generated_anew() -> None:
    secrets = generate_missing(dict.fromkeys("ab", "password"), {"a": "1", "b": "2"}, anew=["b"])
    assert secrets["a"] == "1"
    assert re.fullmatch(FORMS["password"], secrets["b"], re.ASCII)


def test_a_rotation_asks_for_what_the_program_has_and_each_time_differently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds: dict[str, SecretKind] = {"a": "password", "b": "password"}
    assert asked_rotations(kinds) == {}
    marks = []
    for _ in range(2):
        ((name, value),) = rotation(["b", "c"]).items()
        monkeypatch.setenv(name, value)
        asked = asked_rotations(kinds)
        assert asked.keys() == {"b"}
        marks.append(asked["b"])
    assert len(set(marks)) == 2
