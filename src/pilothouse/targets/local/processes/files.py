"""Private files: written whole or not at all, and readable by their owner only."""

import shutil
from pathlib import Path

from pilothouse.files import write_atomically


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a 0600 file with `text`; its folders are made 0700."""
    write_atomically(path, text, private=True)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; nothing to do if it is gone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def holds(path: Path, text: str) -> bool:
    """Whether `path` is a file with exactly `text`."""
    try:
        return path.read_text() == text
    except (OSError, UnicodeDecodeError):
        return False
