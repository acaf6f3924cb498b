"""The folder of a rendering: only ever whole, and never at the cost of what is not ours.

A file of our own says which files are the rendering's and what was in them, so that the next one
knows what somebody has changed or added. New files are written apart and moved when all are there;
a move that was cut short is finished by whoever looks at the folder next.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pilothouse.errors import Refused
from pilothouse.files import write_atomically
from pilothouse.targets.interface import GeneratedSecrets

# Without an ending that a client of manifests reads.
MARKER, STAGING = ".pilothouse-rendering", ".pilothouse-rendering.new"
IGNORE = ".gitignore"
PRIVATE, USUAL = 0o600, 0o666


@dataclass(frozen=True, kw_only=True)
class Marker:
    """What a rendering wrote: the digest of each file by name, and its generated secrets."""

    stack: str
    files: Mapping[str, str]
    secrets: GeneratedSecrets | None


class RenderedFolder:
    """The folder at `path`, which may not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        if self.path.exists() and not self.path.is_dir():
            raise Refused(f"{path} is not a folder: name one, or a path where nothing exists")
        self._finish()
        self.earlier = _marker(self.path)

    def objections(self, stack: str, names: Iterable[str], *, secret: bool) -> list[str]:
        """The reasons not to write files of these `names` to the folder, a line each.

        `secret` says whether the new rendering keeps generated secrets.
        """
        earlier = self.earlier
        if earlier is None:
            found = len(list(self.path.iterdir())) if self.path.exists() else 0
            return [f"it holds files that no rendering made: {found}"] if found else []
        objections = [f"{name} was changed since it was rendered" for name in self._changed()]
        objections += [
            f"{name} is not a rendering's"
            for name in names
            if name not in earlier.files and (self.path / name).exists()
        ]
        if earlier.stack != stack:
            objections.append(f"it holds the rendering of stack {earlier.stack}")
        if earlier.secrets is not None and not secret:
            objections.append(
                "it holds generated secrets, with which a platform may run: --generate-secrets "
                "keeps them"
            )
        return objections

    def write(
        self, stack: str, files: Mapping[str, str], secrets: GeneratedSecrets | None
    ) -> list[str]:
        """Put the files in place of an earlier rendering's; returns the names of what changed.

        With secrets, nobody else can read any of it, and git leaves it alone.
        """
        if secrets is not None and not self._has_own_ignore():
            files = {**files, IGNORE: "*\n"}
        digests = {name: _digest(text.encode()) for name, text in files.items()}
        self._stage(files, Marker(stack=stack, files=digests, secrets=secrets))
        before = self.earlier.files if self.earlier else {}
        self._finish()
        self.earlier = _marker(self.path)
        changed = {name for name in digests if digests[name] != before.get(name)}
        return sorted(changed | (before.keys() - digests.keys()))

    def _changed(self) -> Iterator[str]:
        for name, digest in (self.earlier.files if self.earlier else {}).items():
            file = self.path / name
            if file.exists() and _digest(file.read_bytes()) != digest:
                yield name

    def _has_own_ignore(self) -> bool:
        known = self.earlier.files if self.earlier else {}
        return IGNORE not in known and (self.path / IGNORE).exists()

    def _stage(self, files: Mapping[str, str], marker: Marker) -> None:
        """Write all of it apart. The marker comes last and at once: with it, all is there."""
        self.path.mkdir(parents=True, exist_ok=True)
        staging = self.path / STAGING
        staging.mkdir(mode=0o700)
        mode = USUAL if marker.secrets is None else PRIVATE
        for name, text in files.items():
            _write(staging / name, text, mode)
        text = json.dumps(asdict(marker), indent=1, sort_keys=True)
        write_atomically(staging / MARKER, text, private=mode == PRIVATE)

    def _finish(self) -> None:
        """Move what was staged whole into its place; drop what was not."""
        staging = self.path / STAGING
        if new := _marker(staging):
            if new.secrets is not None:
                self.path.chmod(0o700)
            old = _marker(self.path)
            for name in (old.files if old else {}).keys() - new.files.keys():
                (self.path / name).unlink(missing_ok=True)
            for name in [*new.files, MARKER]:
                if (staging / name).exists():
                    (staging / name).replace(self.path / name)
        if staging.exists():
            shutil.rmtree(staging)


def _marker(folder: Path) -> Marker | None:
    file = folder / MARKER
    try:
        return Marker(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, TypeError, ValueError) as error:
        raise Refused(
            f"{file} cannot be read ({error}): remove it, or name another folder"
        ) from error


def _write(file: Path, text: str, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(file, flags, mode), "w", encoding="utf-8") as opened:
        opened.write(text)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
