"""Edits at one place of a module's text; the rest of the text stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeVar

from testkit.planting.places import Place, PlaceNotFound, Site, definition

Edit = Callable[[str, str], str]
"""Takes a module's text and a qualified name in it, and returns the changed text.

Raises PlaceNotFound if the place of the edit does not occur exactly once, or is of another kind.
"""

_Node = TypeVar("_Node", bound=ast.AST)


def drop(place: Place) -> Edit:
    """Leave out an argument of a call, an entry of a dict, an element or a statement."""

    def edit(text: str, name: str) -> str:
        site = _find(place, text, name)
        if isinstance(site.node, ast.stmt):
            fields = ast.iter_fields(site.ancestors[-1])
            is_alone = any(field == [site.node] for _, field in fields)
            return _splice(text, site.node, "pass" if is_alone else "")
        container = _without(site)
        return _splice(text, container, ast.unparse(container))

    return edit


def replace(place: Place, source: str) -> Edit:
    """Write the expression `source`, in which `_` is the expression that was there."""

    def edit(text: str, name: str) -> str:
        old = _expect(ast.expr, _find(place, text, name).node)
        new = _Filled(old).visit(ast.parse(source, mode="eval").body)
        return _splice(text, old, f"({ast.unparse(new)})")

    return edit


def swap(place: Place, literal: object) -> Edit:
    """Write a constant instead of an expression: a string, a number, a bool or None."""
    return replace(place, repr(literal))


def rename(place: Place, new_name: str) -> Edit:
    """Pass a keyword argument under another name."""

    def edit(text: str, name: str) -> str:
        argument = _expect(ast.keyword, _find(place, text, name).ancestors[-1])
        argument.arg = new_name
        return _splice(text, argument, ast.unparse(argument))

    return edit


def add(place: Place, argument: str, source: str) -> Edit:
    """Pass a keyword argument more to a call, with the expression `source` as its value."""

    def edit(text: str, name: str) -> str:
        call = _expect(ast.Call, _find(place, text, name).node)
        call.keywords.append(ast.keyword(argument, ast.parse(source, mode="eval").body))
        return _splice(text, call, ast.unparse(call))

    return edit


def insert(place: Place, source: str) -> Edit:
    """Write the statement `source` before the statement at `place`."""

    def edit(text: str, name: str) -> str:
        old = _expect(ast.stmt, _find(place, text, name).node)
        indent = " " * old.col_offset
        return _splice(text, old, f"{source}\n{indent}{ast.get_source_segment(text, old)}")

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(text: str, name: str) -> str:
        for one in edits:
            text = one(text, name)
        return text

    return edit


class _Filled(ast.NodeTransformer):
    """Puts an expression where `_` is read."""

    def __init__(self, old: ast.expr) -> None:
        self._old = old

    def visit_Name(self, node: ast.Name) -> ast.expr:
        is_read = isinstance(node.ctx, ast.Load)
        return self._old if node.id == "_" and is_read else node


def _find(place: Place, text: str, name: str) -> Site:
    return place.site(definition(ast.parse(text), name))


def _expect(kind: type[_Node], node: ast.AST) -> _Node:
    if not isinstance(node, kind):
        raise PlaceNotFound(f"`{ast.unparse(node)}` is not an ast.{kind.__name__}")
    return node


def _without(site: Site) -> ast.expr:
    """What contains the site's node, without it."""
    match site.ancestors, site.node:
        case [*_, ast.Call() as call, ast.keyword() as argument], _:
            call.keywords.remove(argument)
            return call
        case [*_, ast.Call() as call], ast.expr() as node if node in call.args:
            call.args.remove(node)
            return call
        case [*_, ast.Dict() as entries], ast.expr() as node if node in entries.values:
            index = entries.values.index(node)
            del entries.keys[index], entries.values[index]
            return entries
        case [*_, (ast.List() | ast.Tuple() | ast.Set()) as elements], ast.expr() as node:
            elements.elts.remove(node)
            return elements
    raise PlaceNotFound(f"`{ast.unparse(site.node)}` is not something that can be left out")


def _splice(text: str, node: ast.expr | ast.stmt | ast.keyword, new: str) -> str:
    """`text` with `new` where the node is."""
    assert node.end_lineno is not None  # as of every node of parsed text
    assert node.end_col_offset is not None
    lines = text.encode().splitlines(keepends=True)  # columns count bytes
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    whole = text.encode()
    return whole[:start].decode() + new + whole[end:].decode()
