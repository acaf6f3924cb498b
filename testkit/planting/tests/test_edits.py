"""Each edit changes what is at its place, and leaves the rest of the text as it is."""

import ast

import pytest

from testkit.planting.edits import Edit, add, both, drop, insert, rename, replace, swap
from testkit.planting.places import (
    PlaceNotFound,
    around,
    call,
    constant,
    expression,
    key,
    keyword,
    statement,
    value,
)

CODE = '''\
"""Ünïcode before everything; columns count bytes."""

LIMIT: int = 7  # days
LEFT, RIGHT = "ö", "right"
PORTS = {"a": 1, LEFT: [2, *RIGHT], "own": {"a": 3}}


class Pods:
    kind = "Pod"

    def template(self, probe: bool) -> object:
        spec = {"é": "first", "probe": probe}  # kept
        if probe:
            self.log("made", f"{probe} and {LIMIT}")
        for port in PORTS:
            self.log(port, *spec)
        return self.make(
            kind=Pods.kind,  # kept
            spec=spec,
        )
'''
TEMPLATE = "Pods.template"


def changed(edit: Edit, name: str) -> list[tuple[str, str]]:
    """The lines that an edit changes, as they were and as they are."""
    before, after = CODE.splitlines(), edit(CODE, name).splitlines()
    assert len(before) == len(after)
    return [
        (old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new
    ]


@pytest.mark.parametrize(
    ("name", "edit", "old", "new"),
    [
        ("LIMIT", swap(value(), 30), "LIMIT: int = 7  # days", "LIMIT: int = (30)  # days"),
        (
            "LEFT",
            swap(value(), None),
            'LEFT, RIGHT = "ö", "right"',
            'LEFT, RIGHT = (None), "right"',
        ),
        ("RIGHT", swap(value(), "r"), 'LEFT, RIGHT = "ö", "right"', "LEFT, RIGHT = \"ö\", ('r')"),
        ("Pods.kind", swap(value(), "Job"), 'kind = "Pod"', "kind = ('Job')"),
        (
            "PORTS",
            drop(expression("*RIGHT")),
            'PORTS = {"a": 1, LEFT: [2, *RIGHT], "own": {"a": 3}}',
            'PORTS = {"a": 1, LEFT: [2], "own": {"a": 3}}',
        ),
        (
            "PORTS",
            drop(key("a", within=key("own"))),
            'PORTS = {"a": 1, LEFT: [2, *RIGHT], "own": {"a": 3}}',
            'PORTS = {"a": 1, LEFT: [2, *RIGHT], "own": {}}',
        ),
        (
            "PORTS",
            replace(key("LEFT"), "_[1:]"),
            'PORTS = {"a": 1, LEFT: [2, *RIGHT], "own": {"a": 3}}',
            'PORTS = {"a": 1, LEFT: ([2, *RIGHT][1:]), "own": {"a": 3}}',
        ),
        (
            TEMPLATE,
            replace(key("probe"), "not _"),
            'spec = {"é": "first", "probe": probe}  # kept',
            'spec = {"é": "first", "probe": (not probe)}  # kept',
        ),
        (
            TEMPLATE,
            swap(constant("é"), "e"),
            'spec = {"é": "first", "probe": probe}  # kept',
            'spec = {(\'e\'): "first", "probe": probe}  # kept',
        ),
        (
            TEMPLATE,
            drop(statement(constant("made"))),
            'self.log("made", f"{probe} and {LIMIT}")',
            "pass",
        ),
        (
            TEMPLATE,
            drop(constant("made")),
            'self.log("made", f"{probe} and {LIMIT}")',
            "self.log(f'{probe} and {LIMIT}')",
        ),
        (
            TEMPLATE,
            drop(expression("*spec")),
            "self.log(port, *spec)",
            "self.log(port)",
        ),
        (
            TEMPLATE,
            replace(expression("PORTS", within=around(expression("*spec"), ast.For)), "_ or []"),
            "for port in PORTS:",
            "for port in (PORTS or []):",
        ),
        (
            TEMPLATE,
            rename(keyword("kind"), "name"),
            "kind=Pods.kind,  # kept",
            "name=Pods.kind,  # kept",
        ),
        (
            TEMPLATE,
            drop(statement(key("probe"))),
            'spec = {"é": "first", "probe": probe}  # kept',
            "# kept",
        ),
    ],
)
def test_an_edit_changes_its_place_alone(name: str, edit: Edit, old: str, new: str) -> None:
    assert changed(edit, name) == [(old, new)]


def test_an_argument_is_added_or_left_out_of_a_call_over_several_lines() -> None:
    edit = both(drop(keyword("spec")), add(call("make"), "protect", "True"))
    after = edit(CODE, TEMPLATE)
    assert after.endswith("        return self.make(kind=Pods.kind, protect=True)\n")
    assert after.startswith(CODE.partition("        return")[0])


def test_a_statement_is_inserted_before_another() -> None:
    edit = insert(statement(call("make")), "spec = {}")
    assert edit(CODE, TEMPLATE) == CODE.replace("return self", "spec = {}\n        return self")


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        ("Pods.gone", drop(constant(1)), "a definition of Pods.gone occurs 0 times"),
        ("LIMIT.x", drop(constant(1)), "a definition of LIMIT.x occurs 0 times"),
        ("PORTS", drop(key("a")), "the key a occurs 2 times"),
        ("PORTS", drop(key("b")), "the key b occurs 0 times"),
        ("PORTS", drop(constant(2, within=key("own"))), "2 within the key own occurs 0 times"),
        ("PORTS", drop(constant(3, within=key("a"))), "the key a occurs 2 times"),
        ("PORTS", drop(keyword("a")), "the keyword argument a occurs 0 times"),
        (TEMPLATE, swap(call("log"), 1), "a call of log occurs 2 times"),
        (TEMPLATE, drop(expression("LIMIT")), "the expression LIMIT occurs 0 times"),
        (TEMPLATE, drop(around(call("make"), ast.For)), "the For around a call of make occurs 0"),
        (TEMPLATE, drop(expression("spec.x")), "the expression spec.x occurs 0 times"),
        (TEMPLATE, drop(expression("Pods")), "`Pods` is not something that can be left out"),
        (TEMPLATE, drop(constant("probe")), "`'probe'` is not something that can be left out"),
        (TEMPLATE, rename(constant("made"), "x"), "is not an ast.keyword"),
        (TEMPLATE, add(constant("made"), "x", "1"), "`'made'` is not an ast.Call"),
        (TEMPLATE, insert(constant("made"), "x = 1"), "`'made'` is not an ast.stmt"),
        (TEMPLATE, swap(statement(constant("made")), 1), "is not an ast.expr"),
    ],
)
def test_a_place_that_is_not_unambiguous_is_refused(name: str, edit: Edit, message: str) -> None:
    with pytest.raises(PlaceNotFound, match=message.replace("`", "[`]").replace("*", "[*]")):
        edit(CODE, name)


def test_an_expression_is_one_expression() -> None:
    with pytest.raises(ValueError, match="not one expression: a, b"):
        expression("a, b")
