"""Private files: written atomically, and readable by their owner only."""

import shutil
from pathlib import Path

from pilothouse.files import write_atomically


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a file of mode 0600 with `text`; missing folders get mode 0700.

    A script, which begins with `#!`, gets mode 0700.
    """
    write_atomically(path, text, private=True)
    if text.startswith("#!"):
        path.chmod(0o700)


def remove(path: Path) -> None:
    """Remove a file, or a folder with its contents; does nothing if it does not exist."""
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
