"""Reads one YAML file strictly, and remembers the line of every key.

What is accepted is what a reader would expect without knowing YAML well: one document with a
mapping at its top, text keys, each once, no tags, anchors, aliases or merge keys. Plain values
follow YAML 1.2: only `true` and `false` are booleans, and a date is text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer, ComposerError

from pilothouse.config.text_file import displayed, read_text
from pilothouse.errors import InvalidInput, Problem, shortened, shown

KeyPath = tuple[str | int, ...]
# PyYAML's own types know neither an event's mark and anchor nor a node's style.
Event = Any
Node = Any

MAX_DEPTH = 32

_TEXT = "tag:yaml.org,2002:str"
_PLAIN = [
    ("tag:yaml.org,2002:null", re.compile(r"(~|null|Null|NULL)?\Z")),
    ("tag:yaml.org,2002:bool", re.compile(r"(true|True|TRUE|false|False|FALSE)\Z")),
    ("tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")),
    (
        "tag:yaml.org,2002:float",
        re.compile(
            r"([-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?"
            r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z"
        ),
    ),
]


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
    return _Loader(displayed(path), read_text(path)).document()


def dotted(path: KeyPath) -> str:
    """A key path as messages show it: `pilot.expires`, `lists[0]`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{_key_text(part)}" for part in path)
    return "".join(parts).removeprefix(".")


def _key_text(key: str) -> str:
    return shortened(key if key.isprintable() else ascii(key))


class _Loader(Composer, yaml.CSafeLoader):
    """Composes the nodes of one document, and notes their lines and what is refused about them.

    A refused tag or anchor is ignored, and a refused node is replaced by text, so that the rest
    is still checked.
    """

    def __init__(self, file: str, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        self.yaml_implicit_resolvers = {None: _PLAIN}
        self.file = file
        self.path: KeyPath = ()
        self.depth = 0
        self.lines: dict[KeyPath, int] = {}
        self.keys: dict[Node, dict[str, int]] = {}  # of each mapping, with their lines
        self.problems: list[Problem] = []

    def document(self) -> Document:
        node = None
        try:
            node = self.get_single_node()
            if node is None:
                self._refuse("an empty file", "write its keys", None)
        except ComposerError as error:
            self._refuse("a second document", "keep to one document in a file", error.problem_mark)
        except yaml.MarkedYAMLError as error:
            self.path = ()
            found = f"text that is not YAML: {error.problem}"
            remedy = "check its indentation, colons, brackets and quotes there"
            self._refuse(found, remedy, error.problem_mark)
        if self.problems:
            raise InvalidInput(self.problems)
        return Document(self.file, self.construct_document(node), self.lines)

    def compose_node(self, parent: Node, index: Any) -> Node:
        """The node that comes next: the top, an item of a list, a key, or the value of a key."""
        event: Event = self.peek_event()
        above, mark = self.path, event.start_mark
        is_key = isinstance(parent, yaml.MappingNode) and index is None
        if parent is not None and not is_key:
            self.path = (*above, getattr(index, "value", index))
        self.lines.setdefault(self.path, mark.line + 1)
        node = self._node(event, parent, index)
        if is_key:
            node = self._key(node, mark, self.keys.setdefault(parent, {}))
        elif parent is None and not isinstance(node, yaml.MappingNode):
            self._refuse(self._shown(node), "write keys with values, such as `name: demo`", mark)
        self.path = above
        return node

    def _node(self, event: Event, parent: Node, index: Any) -> Node:
        is_alias, mark = isinstance(event, yaml.AliasEvent), event.start_mark
        if is_alias:
            self._refuse(f"the alias *{shortened(event.anchor)}", "write the value itself", mark)
        elif event.anchor:
            self._refuse(f"the anchor &{shortened(event.anchor)}", "remove it", mark)
        if tag := getattr(event, "tag", None):
            self._refuse(f"the tag {shown(tag)}", "write a plain value without a tag", mark)
        too_deep = self.depth >= MAX_DEPTH and isinstance(event, yaml.CollectionStartEvent)
        if too_deep:
            self._refuse(f"more than {MAX_DEPTH} levels", "nest less deeply", mark, self.path[:1])
        if is_alias or too_deep:
            return self._skip()
        event.anchor = event.tag = None
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _skip(self) -> yaml.ScalarNode:
        depth = 0
        while True:
            event = self.get_event()
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return yaml.ScalarNode(_TEXT, "")

    def _key(self, node: Node, mark: Any, known: dict[str, int]) -> Node:
        if node.tag != _TEXT:
            key = self._shown(node)
            self._refuse(f"{key} as a key", "use text as a key, or quote it", mark)
            return yaml.ScalarNode(_TEXT, key)
        path = (*self.path, node.value)
        if node.value == "<<" and not node.style:
            self._refuse("a merge key", "write the keys themselves", mark, path)
        elif node.value in known:
            found = f"the key a second time (first on line {known[node.value]})"
            self._refuse(found, "keep one of the two", mark, path)
        known.setdefault(node.value, mark.line + 1)
        self.lines.setdefault(path, mark.line + 1)
        return node

    def _shown(self, node: Node) -> str:
        return shown(self.construct_object(node))

    def _refuse(self, found: str, remedy: str, mark: Any, path: KeyPath | None = None) -> None:
        problem = Problem(
            file=self.file,
            line=mark.line + 1 if mark else None,
            key=dotted(self.path if path is None else path),
            found=found,
            remedy=remedy,
        )
        self.problems.append(problem)
