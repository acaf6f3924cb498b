"""Files that are written as a whole: a kill leaves the one before or the new one."""

import os
from pathlib import Path


def write_atomically(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Replace `path` by a file with `content`, where it is text as UTF-8.

    Missing folders are made with mode 0700. With `private`, the file has mode 0600.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    descriptor = os.open(unfinished, flags, 0o600 if private else 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    unfinished.replace(path)
