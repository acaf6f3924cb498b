"""Places in a module's syntax tree, found by what the code says and not by how it is laid out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


class PlaceNotFound(ValueError):
    """A place occurs nowhere, or more than once."""


@dataclass(frozen=True)
class Site:
    """A node of a syntax tree; `ancestors` are the nodes that contain it, the outermost first."""

    node: ast.AST
    ancestors: tuple[ast.AST, ...] = ()

    def walk(self) -> Iterator[Site]:
        """This node and everything in it, except for what is inside an f-string.

        Before Python 3.12 the nodes inside an f-string have no positions of their own.
        """
        yield self
        if not isinstance(self.node, ast.JoinedStr):
            for child in ast.iter_child_nodes(self.node):
                yield from self.child(child).walk()

    def child(self, *path: ast.AST) -> Site:
        """The last node of `path`, which leads down from this one."""
        return Site(path[-1], (*self.ancestors, self.node, *path[:-1]))


@dataclass(frozen=True)
class Place:
    """What to look for: `find` yields every match below a site.

    description: what an error calls it.
    within: the place to search; without it, all of what the mistake's qualified name has.
    """

    description: str
    find: Callable[[Site], Iterable[Site]]
    within: Place | None = None

    def site(self, scope: Site) -> Site:
        """Its only match in `scope`; PlaceNotFound if there is none, or more than one."""
        if self.within is None:
            return _only(self.description, self.find(scope))
        description = f"{self.description} within {self.within.description}"
        return _only(description, self.find(self.within.site(scope)))


def definition(module: ast.Module, name: str) -> Site:
    """What has the qualified name: a function, a class, or the value assigned to a constant."""
    site = Site(module)
    for part in name.split("."):
        site = _only(f"a definition of {name}", _defined(site, part))
    return site


def keyword(name: str, within: Place | None = None) -> Place:
    """The value of a call's keyword argument."""

    def find(scope: Site) -> Iterator[Site]:
        for site in scope.walk():
            if isinstance(site.node, ast.keyword) and site.node.arg == name:
                yield site.child(site.node.value)

    return Place(f"the keyword argument {name}", find, within)


def key(name: str, within: Place | None = None) -> Place:
    """The value of a dict display's key, which is the string `name` or a variable called so."""

    def find(scope: Site) -> Iterator[Site]:
        for site in scope.walk():
            if isinstance(site.node, ast.Dict):
                for written, item in zip(site.node.keys, site.node.values, strict=True):
                    if _is_key(written, name):
                        yield site.child(item)

    return Place(f"the key {name}", find, within)


def call(function: str, within: Place | None = None) -> Place:
    """A call of `function`; `options` also finds `self.factory.options(…)`."""

    def find(scope: Site) -> Iterator[Site]:
        for site in scope.walk():
            if isinstance(site.node, ast.Call):
                called = ast.unparse(site.node.func)
                if called == function or called.endswith(f".{function}"):
                    yield site

    return Place(f"a call of {function}", find, within)


def expression(source: str, within: Place | None = None) -> Place:
    """An expression that means the same as `source`, whatever its layout."""
    listed = ast.parse(f"[{source}]", mode="eval").body  # outside a list, `*more` is no expression
    if not isinstance(listed, ast.List) or len(listed.elts) != 1:
        raise ValueError(f"not one expression: {source}")
    dumped = ast.dump(listed.elts[0])

    def find(scope: Site) -> Iterator[Site]:
        return (site for site in scope.walk() if ast.dump(site.node) == dumped)

    return Place(f"the expression {source}", find, within)


def constant(literal: object, within: Place | None = None) -> Place:
    """A constant with that value: a string, a number, a bool or None."""
    return expression(repr(literal), within)


def value() -> Place:
    """All of the value assigned to the constant that the mistake's qualified name has."""
    return Place("the value", lambda scope: [scope])


def around(inner: Place, kind: type[ast.AST]) -> Place:
    """The innermost node of `kind` that contains `inner`, or is it."""

    def find(scope: Site) -> Iterator[Site]:
        site = inner.site(scope)
        nodes = (*site.ancestors, site.node)
        for depth in reversed(range(len(nodes))):
            if isinstance(nodes[depth], kind):
                yield Site(nodes[depth], nodes[:depth])
                return

    return Place(f"the {kind.__name__} around {inner.description}", find)


def statement(inner: Place) -> Place:
    """The innermost statement that contains `inner`."""
    return around(inner, ast.stmt)


def _is_key(written: ast.expr | None, name: str) -> bool:
    if isinstance(written, ast.Constant):
        return bool(written.value == name)
    return written is not None and ast.unparse(written) == name


def _defined(site: Site, name: str) -> Iterator[Site]:
    if isinstance(site.node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        for node in site.node.body:
            for bound, path in _bindings(node):
                if bound == name:
                    yield site.child(node, *path)


def _bindings(node: ast.stmt) -> Iterator[tuple[str, tuple[ast.AST, ...]]]:
    """The names that a statement defines, and the way from it down to what they stand for."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, ()
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as assigned):
            yield name, (assigned,)
        case ast.Assign(targets=[ast.Name(id=name)], value=assigned):
            yield name, (assigned,)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=items) as assigned):
            for target, item in zip(targets, items, strict=False):
                if isinstance(target, ast.Name):
                    yield target.id, (assigned, item)


def _only(description: str, sites: Iterable[Site]) -> Site:
    found = list(sites)
    if len(found) != 1:
        raise PlaceNotFound(f"{description} occurs {len(found)} times")
    return found[0]
