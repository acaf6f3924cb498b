"""The cloud: a folder with a file for each thing, which says its kind and its labels."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.files import write_atomically

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse_toy.settings import ToySettings

DATA = ("archive", "bucket", "register")
"""The kinds of things that hold data."""


@dataclass(frozen=True)
class Cloud:
    """What is in the folder; a thing's name is its file's."""

    folder: Path

    @classmethod
    def of(cls, plan: Plan[ToySettings]) -> Cloud:
        """The cloud of a stack."""
        return cls(plan.project / plan.settings.folder)

    def create(self, name: str, thing: Mapping[str, Any]) -> None:
        """Make a thing, or replace it, as a whole: a cloud has no half of one."""
        write_atomically(self._path(name), json.dumps(dict(thing), sort_keys=True))

    def read(self, name: str) -> dict[str, Any] | None:
        """A thing; None if there is none of that name."""
        path = self._path(name)
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def delete(self, name: str) -> None:
        """Remove a thing and what is in it, if it is there."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        self._path(name).unlink(missing_ok=True)

    def list(self, labels: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The things that bear these labels, with their names."""
        for path in sorted(self.folder.glob("*.json")):
            thing = self.read(path.stem)
            if thing is not None and labels.items() <= thing["labels"].items():
                yield path.stem, thing

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"
