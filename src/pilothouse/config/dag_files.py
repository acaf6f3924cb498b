"""The files of a folder of DAGs: which they are, and what can be seen to be wrong by parsing.

No code of them runs. What Airflow alone finds, such as an import that fails, it shows itself.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pilothouse.config.text_file import displayed
from pilothouse.errors import InvalidInput, Problem

IGNORED_FOLDER = "__pycache__"
AIRFLOW_IGNORE = ".airflowignore"
SUFFIX = ".py"


@dataclass(frozen=True, kw_only=True)
class DagFiles:
    """The files of `folder`, as sorted relative paths."""

    folder: Path
    paths: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many of them are Python files."""
        return sum(path.endswith(SUFFIX) for path in self.paths)


def read(folder: Path, reserved: Collection[str]) -> DagFiles:
    """The files of `folder`, without hidden ones; those of Python are parsed.

    Raises InvalidInput where one is a symlink or has a syntax error, and where a DAG has an id that
    is `reserved` or that a DAG of another file has.
    """
    problems: list[Problem] = []
    paths = []
    for path in sorted(_walk(folder)):
        if path.is_symlink():
            problems.append(_symlink(path))
        else:
            paths.append(path)
    known = _Ids(reserved)
    for path in paths:
        if path.suffix == SUFFIX:
            problems += known.problems(path)
    if problems:
        raise InvalidInput(problems)
    return DagFiles(
        folder=folder, paths=tuple(path.relative_to(folder).as_posix() for path in paths)
    )


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = [
            name for name in folders if not name.startswith(".") and name != IGNORED_FOLDER
        ]
        yield from (Path(place, name) for name in links if name in folders)
        for name in files:
            if not name.startswith(".") or name == AIRFLOW_IGNORE:
                yield Path(place, name)


def _symlink(path: Path) -> Problem:
    found = f"a symlink to {path.readlink()}"
    return Problem(file=displayed(path), key="", found=found, remedy="put what it names there")


@dataclass
class _Ids:
    """The ids of DAGs that are taken, each with its place."""

    reserved: Collection[str]
    places: dict[str, Path] = field(default_factory=dict)

    def problems(self, path: Path) -> Iterator[Problem]:
        """What is wrong with the Python file at `path`, whose ids are taken from now on."""
        try:
            found = list(_ids(_parse(path)))
        except SyntaxError as error:
            yield Problem(
                file=displayed(path),
                line=error.lineno,
                key="",
                found=f"what is no Python: {error.msg}",
                remedy="correct it",
            )
            return
        for name, line in found:
            taken = self._taken(name, path)
            if taken:
                remedy = "give the DAG another id"
                yield Problem(file=displayed(path), line=line, key="", found=taken, remedy=remedy)

    def _taken(self, name: str, path: Path) -> str:
        if name in self.reserved:
            return f"the DAG {name}, which is the platform's own"
        other = self.places.setdefault(name, path)
        return f"the DAG {name}, which is in {displayed(other)} too" if other != path else ""


def _parse(path: Path) -> ast.Module:
    """The file's syntax tree; SyntaxError for what does not compile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(path.read_bytes(), filename=str(path))
            compile(tree, str(path), "exec", dont_inherit=True)
        except ValueError as error:  # a null byte, in older Pythons
            raise SyntaxError(str(error)) from error
    return tree


def _ids(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The ids that DAGs are given as plain text, or by the names of functions, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "DAG":
            yield from _given_id(node, "")
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and _name(decorator.func) == "dag":
                    yield from _given_id(decorator, node.name)
                elif _name(decorator) == "dag":
                    yield node.name, node.lineno


def _given_id(call: ast.Call, default: str) -> Iterator[tuple[str, int]]:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "dag_id"]
    value = next(iter([*call.args, *given]), None)
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value, value.lineno
    elif value is None and default:
        yield default, call.lineno


def _name(node: ast.expr) -> str:
    """The last name of `DAG` or `sdk.DAG`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
