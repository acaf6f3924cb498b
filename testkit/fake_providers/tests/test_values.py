"""Values on the wire."""

from typing import Any

import pytest

from testkit.fake_providers.core import values
from testkit.fake_providers.kubernetes import secrets
from testkit.fake_providers.kubernetes.tokens import Kind

SECRET = secrets.SECRET


def test_plain_values_come_back_as_they_went() -> None:
    given = {"name": "a", "count": 3, "share": 0.5, "on": False, "list": [{"port": 80}], "map": {}}
    back = values.from_wire(values.to_wire(given))
    assert back == given
    assert [type(back[name]) for name in ("count", "share", "on")] == [int, float, bool]


def test_secrets_are_opened_and_nulls_dropped() -> None:
    given = {"outer": {"inner": values.secret("hidden")}, "nothing": None}
    assert values.from_wire(values.to_wire(given)) == {"outer": {"inner": "hidden"}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(values.UNKNOWN, True), ({"a": ["b", values.UNKNOWN]}, True), ({"a": ["b"], "c": 1}, False)],
)
def test_unknown_values_are_found(value: Any, expected: bool) -> None:
    assert values.has_unknown(value) is expected


def test_string_data_becomes_data() -> None:
    given = {"stringData": {"a": "x", "b": values.UNKNOWN}, "data": {"a": "old", "c": "kept"}}
    data = {"a": "eA==", "b": values.UNKNOWN, "c": "kept"}
    assert secrets.normalized(SECRET, given) == {"data": data}
    assert secrets.normalized(SECRET, {"stringData": values.UNKNOWN}) == {"data": values.UNKNOWN}
    assert secrets.normalized(Kind("", "v1", "ConfigMap"), given) is given


def test_only_a_secrets_data_is_marked() -> None:
    given = {"data": {"a": "x"}, "type": "Opaque"}
    marked = secrets.guarded(SECRET, given)
    assert marked == {"data": values.secret({"a": "x"}), "type": "Opaque"}
    assert secrets.guarded(Kind("", "v1", "ConfigMap"), given) is given
