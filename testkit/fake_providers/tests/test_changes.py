"""Differences between objects."""

from typing import Any

import pytest

from testkit.fake_providers.core.changes import (
    MISSING,
    Change,
    changes,
    lookup,
    patch,
    pointer,
    pruned,
    put,
    same,
)
from testkit.fake_providers.kubernetes.paths import parsed


def test_changes_are_found_where_they_are() -> None:
    old = {"a": 1, "gone": 1, "list": [{"n": 1}, {"n": 2}]}
    new = {"a": 1, "list": [{"n": 1, "m": {"k": 1}}], "new": [1]}
    assert list(changes(old, new)) == [
        Change(("gone",), "delete"),
        Change(("list", 0, "m"), "add", {"k": 1}),
        Change(("list", 1), "delete"),
        Change(("new",), "add", [1]),
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (0, False, False),
        (1, True, False),
        ("1", 1, False),
        ([], False, False),
        ({"a": [0]}, {"a": [False]}, False),
        ({"a": [1]}, {"a": [1.0]}, True),
    ],
)
def test_equality_is_that_of_json(one: Any, other: Any, expected: bool) -> None:
    assert same(one, other) is expected
    assert (not list(changes({"x": one}, {"x": other}))) is expected


def test_what_the_server_added_is_left_out() -> None:
    live = {"spec": {"a": 1, "default": 2, "list": [{"n": 1, "x": 2}, {"n": 3}]}, "status": {}}
    assert pruned(live, {"spec": {"a": 0, "list": [{"n": 0}], "b": 1}}) == {
        "spec": {"a": 1, "list": [{"n": 1}]}
    }


PATHS = [
    (("spec", "ports", 0, "port"), "spec.ports[0].port", "/spec/ports/0/port"),
    (("metadata", "labels", "a.b/c"), 'metadata.labels["a.b/c"]', "/metadata/labels/a.b~1c"),
]


@pytest.mark.parametrize(("path", "label", "json_pointer"), PATHS)
def test_a_path_is_written_as_pulumi_and_as_json_do(
    path: tuple[str | int, ...], label: str, json_pointer: str
) -> None:
    assert Change(path, "delete").label == label
    assert pointer(path) == json_pointer
    assert parsed(label) == path


def test_a_patch_removes_from_the_end() -> None:
    found = list(changes({"l": [1, 2, 3], "a": 1}, {"l": [1], "a": 2}))
    assert [(step["op"], step["path"]) for step in patch(found)] == [
        ("replace", "/a"),
        ("remove", "/l/2"),
        ("remove", "/l/1"),
    ]


def test_values_are_put_where_the_way_is_there() -> None:
    thing: dict[str, Any] = {"a": {"l": [1]}}
    put(thing, ("a", "l", 1), 2)
    put(thing, ("a", "b"), 3)
    put(thing, ("no", "way"), 4)
    put(thing, ("a", "l", 0), MISSING)
    put(thing, ("a", "absent"), MISSING)
    assert thing == {"a": {"l": [2], "b": 3}}
    assert lookup(thing, ("a", "l", 5)) is MISSING
