"""Private files: written atomically, and readable by their owner only."""

import os
import shutil
import tempfile
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a file of mode 0600 with `text`; missing folders get mode 0700."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(temporary).replace(path)


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
