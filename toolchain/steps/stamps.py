"""Stamps: the digest of a finished step's inputs, so that it runs again only if they change."""

import collections.abc
import hashlib
import pathlib


def digest(files: collections.abc.Iterable[pathlib.Path], *more: str) -> str:
    """The digest of the contents of files and of texts."""
    total = hashlib.sha256()
    for part in [*(file.read_bytes() for file in files), *(text.encode() for text in more)]:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


def is_current(stamp: pathlib.Path, wanted: str) -> bool:
    """Whether a step has finished with these inputs."""
    try:
        return stamp.read_text(encoding="utf-8") == wanted
    except FileNotFoundError:
        return False


def write(stamp: pathlib.Path, inputs: str) -> None:
    """Record that a step has finished with these inputs; the file is replaced atomically."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    unfinished = stamp.with_name(f"{stamp.name}.new")
    unfinished.write_text(inputs, encoding="utf-8")
    unfinished.replace(stamp)
