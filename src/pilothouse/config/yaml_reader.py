"""Reads one YAML file strictly, and remembers the line of every key.

What is accepted is what a reader would expect without knowing YAML well: one document with a
mapping at its top, text keys, each once, no tags, anchors, aliases or merge keys. Plain values
follow YAML 1.2: only `true` and `false` are booleans, and a date is text.
"""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pilothouse.errors import InvalidInput, Problem, shortened, shown

KeyPath = tuple[str | int, ...]
Event = Any  # PyYAML's own type of an event knows neither its mark nor its anchor

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32

# Without the C library, which PyYAML's wheels have, the same parser in Python does.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(
    r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


@dataclass(frozen=True)
class Document:
    """A YAML file's data, and the 1-based line of every key and list item in it.

    `file` is the name that messages show.
    """

    file: str
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """The line of the key at `path`, or of the nearest key above it that exists."""
        ends = range(len(path), -1, -1)
        return next((self.lines[path[:end]] for end in ends if path[:end] in self.lines), None)

    def problem(self, path: KeyPath, *, found: str, remedy: str) -> Problem:
        """A problem with the key at `path`."""
        return Problem(
            file=self.file, line=self.line(path), key=dotted(path), found=found, remedy=remedy
        )


def read(path: Path) -> Document:
    """Read the file at `path`; raises InvalidInput with everything that is wrong with it."""
    file = displayed(path)
    return _Builder(file, _text(path, file)).document()


def displayed(path: Path) -> str:
    """`path` as messages show it: relative to the current folder if it is below it."""
    whole, here = path.absolute(), Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def dotted(path: KeyPath) -> str:
    """A key path as messages show it: `pilot.expires`, `lists[0]`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{_key_text(part)}" for part in path)
    return "".join(parts).removeprefix(".")


def _key_text(key: str) -> str:
    return shortened(key if key.isprintable() else ascii(key))


def _text(path: Path, file: str) -> str:
    try:
        _check_kind(path, file)
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refusal(file, reason, "name a file that exists and can be read") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refusal(file, "bytes that are not UTF-8", "save it as UTF-8", line) from error
    _check_printable(text, file)
    return text


def _check_kind(path: Path, file: str) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise _refusal(file, f"a symlink to {path.readlink()}", "name the file itself")
    if stat.S_ISDIR(status.st_mode):
        raise _refusal(file, "a folder", "name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(file, "something that is no regular file", "name a file")
    if status.st_size > MAX_BYTES:
        raise _refusal(file, f"{status.st_size} bytes", f"keep it to {MAX_BYTES} bytes or fewer")


def _check_printable(text: str, file: str) -> None:
    if bad := _NOT_PRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        found = f"the control character U+{ord(bad.group()):04X}"
        raise _refusal(file, found, "remove it", line)


def _refusal(file: str, found: str, remedy: str, line: int | None = None) -> InvalidInput:
    return InvalidInput([Problem(file=file, line=line, key="", found=found, remedy=remedy)])


class _Builder:
    """Builds plain data from the parser's events; nothing is ever constructed from a tag."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.events: Iterator[Event] = iter(yaml.parse(text, Loader=_LOADER))
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []

    def document(self) -> Document:
        data: dict[str, Any] = {}
        try:
            data = self._only_document()
        except yaml.MarkedYAMLError as error:
            self._syntax_error(error)
        if self.problems:
            raise InvalidInput(self.problems)
        return Document(self.file, data, self.lines)

    def _only_document(self) -> dict[str, Any]:
        next(self.events)
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            self._refuse((), None, "an empty file", "write its keys")
            return {}
        data = self._top(next(self.events))
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse((), after, "a second document", "keep to one document in a file")
        return data

    def _top(self, event: Event) -> dict[str, Any]:
        self.lines[()] = _line(event)
        data = self._node(event, ())
        if isinstance(data, dict):
            return data
        self._refuse((), event, shown(data), "write keys with values, such as `name: demo`")
        return {}

    def _node(self, event: Event, path: KeyPath) -> Any:
        self._check_plain(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return _value(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.AliasEvent):
            return None
        if len(path) >= MAX_DEPTH:
            self._refuse(path[:1], event, f"more than {MAX_DEPTH} levels", "nest less deeply")
            return self._skip()
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _check_plain(self, event: Event, path: KeyPath) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(path, event, f"the alias *{event.anchor}", "write the value itself")
        elif getattr(event, "anchor", None):
            self._refuse(path, event, f"the anchor &{event.anchor}", "remove it")
        if tag := getattr(event, "tag", None):
            self._refuse(path, event, f"the tag {shown(tag)}", "write a plain value without a tag")

    def _sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            item_path = (*path, len(items))
            self.lines[item_path] = _line(event)
            items.append(self._node(event, item_path))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event, path, data)
            key_path = (*path, key)
            self.lines.setdefault(key_path, _line(event))
            data[key] = self._node(next(self.events), key_path)
        return data

    def _key(self, event: Event, path: KeyPath, data: Mapping[str, Any]) -> str:
        key = self._node(event, path)
        if not isinstance(key, str):
            self._refuse(path, event, f"{shown(key)} as a key", "use text as a key, or quote it")
            return str(key)
        if key == "<<" and event.implicit[0]:
            self._refuse((*path, key), event, "a merge key", "write the keys themselves")
        elif key in data:
            first = self.lines[(*path, key)]
            found = f"the key a second time (first on line {first})"
            self._refuse((*path, key), event, found, "keep one of the two")
        return key

    def _skip(self) -> None:
        depth = 1
        while depth:
            event = next(self.events)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark
        problem = Problem(
            file=self.file,
            line=mark.line + 1 if mark else None,
            key="",
            found=f"text that is not YAML: {error.problem}",
            remedy="check its indentation, colons, brackets and quotes there",
        )
        self.problems.append(problem)

    def _refuse(self, path: KeyPath, event: Event | None, found: str, remedy: str) -> None:
        line = _line(event) if event else None
        problem = Problem(
            file=self.file, line=line, key=dotted(path), found=shortened(found), remedy=remedy
        )
        self.problems.append(problem)


def _line(event: Event) -> int:
    line: int = event.start_mark.line
    return line + 1


def _value(text: str) -> bool | int | float | str | None:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
