"""The files of a project's stacks in the folder of a file backend: states, and copies of them."""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pilothouse.lifecycle.engine.project import state_folder

_COPIES = (
    "stacks/{project}/{stack}.json*.bak",
    "backups/{project}/{stack}/*.json*",
    "history/{project}/{stack}/*.checkpoint.json*",
)
"""Where the engine keeps earlier states of a stack."""
_UNREADABLE = (OSError, EOFError, zlib.error, ValueError)


@dataclass(frozen=True)
class StateFiles:
    """Those of one project, in the backend's `.pulumi`."""

    folder: Path
    project: str

    @classmethod
    def of(cls, backend: str, project: str) -> StateFiles | None:
        """The files of a project; None where the backend is no folder."""
        folder = state_folder(backend)
        return cls(folder, project) if folder else None

    def stacks(self) -> list[str]:
        """The names of the stacks that have a state, damaged or not."""
        files = (self.folder / "stacks" / self.project).glob("*.json*")
        names = {file.name.partition(".json")[0] for file in files if _is_state(file)}
        return sorted(names)

    def state(self, stack: str) -> Path:
        """The file of a stack's state."""
        folder = self.folder / "stacks" / self.project
        compressed = folder / f"{stack}.json.gz"
        return compressed if compressed.exists() else folder / f"{stack}.json"

    def lacks_checkpoint(self, stack: str) -> bool:
        """Whether a stack's state is JSON without a checkpoint: to the engine, an empty stack."""
        state = self.state(stack)
        if not state.exists():
            return False
        try:
            content = _content_of(state)
        except _UNREADABLE:
            return False  # which the engine reports itself
        return content is None or (isinstance(content, dict) and not content.get("checkpoint"))

    def whole_copies(self, stack: str) -> list[Path]:
        """The copies of a stack's state that have resources and are not as it is, newest first."""
        state = self.state(stack)
        now = state.read_bytes() if state.exists() else b""
        patterns = [copy.format(project=self.project, stack=stack) for copy in _COPIES]
        files = [file for pattern in patterns for file in self.folder.glob(pattern)]
        copies = [file for file in files if file.read_bytes() != now and _has_resources(file)]
        return sorted(copies, key=lambda file: file.stat().st_mtime_ns, reverse=True)

    def newest_copy(self, stack: str) -> Mapping[str, Any]:
        """The deployment that the newest whole copy has; an empty one where there is none."""
        return next(map(_deployment_in, self.whole_copies(stack)), {})

    def set_aside(self, stack: str, folder: Path) -> Path:
        """Move a stack's state into `folder`, under its name and the time; where it is then."""
        state = self.state(stack)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        suffix = state.name.removeprefix(stack)
        aside = folder / f"{stack}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{suffix}"
        shutil.move(state, aside)
        aside.chmod(0o600)
        return aside

    def remove_remains(self, stack: str) -> None:
        """Remove what a removed stack leaves."""
        for kind in ("backups", "history", "locks/organization"):
            shutil.rmtree(self.folder / kind / self.project / stack, ignore_errors=True)
        for path in (self.folder / "stacks" / self.project).glob(f"{stack}.json*"):
            path.unlink()


def _deployment_in(file: Path) -> Mapping[str, Any]:
    """The deployment that a state's file has; an empty one where it cannot be read."""
    try:
        return dict(_content_of(file)["checkpoint"]["latest"])
    except (*_UNREADABLE, KeyError, TypeError):
        return {}


def _content_of(file: Path) -> Any:
    content = file.read_bytes()
    return json.loads(gzip.decompress(content) if ".gz" in file.suffixes else content)


def _has_resources(file: Path) -> bool:
    return bool(_deployment_in(file).get("resources"))


def _is_state(file: Path) -> bool:
    """Whether it is a state, and not the copy of an earlier one."""
    return file.name.endswith((".json", ".json.gz"))
