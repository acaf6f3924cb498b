"""Secrets are generated once, each of its kind."""

import base64
import re
from typing import get_args

import pytest

from pilothouse.services.generated_secrets import SecretKind, generate_missing

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
