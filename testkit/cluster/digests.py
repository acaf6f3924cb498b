"""What a finished thing was made from, so that it is made again only when that changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def of_parts(*parts: str | bytes) -> str:
    """One short digest over texts, in which their borders count."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()[:16]


def of_files(folder: Path, patterns: Iterable[str]) -> str:
    """One digest over the names and contents of the files that match."""
    files = sorted({file for pattern in patterns for file in folder.rglob(pattern)})
    named = [(str(file.relative_to(folder)), file.read_bytes()) for file in files]
    return of_parts(*(part for pair in named for part in pair))


def is_current(stamp: Path, digest: str) -> bool:
    """Whether a stamp says that something was made from exactly this."""
    return stamp.exists() and stamp.read_text() == digest
