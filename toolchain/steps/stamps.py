"""Stamps: what a finished step was made from, so that it is done again only when that changes."""

import collections.abc
import hashlib
import pathlib


def digest(files: collections.abc.Iterable[pathlib.Path], *more: str) -> str:
    """One digest over the contents of files and over texts."""
    total = hashlib.sha256()
    for part in [*(file.read_bytes() for file in files), *(text.encode() for text in more)]:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


def is_current(stamp: pathlib.Path, wanted: str) -> bool:
    """Whether a step has finished with exactly these inputs."""
    try:
        return stamp.read_text(encoding="utf-8") == wanted
    except FileNotFoundError:
        return False


def write(stamp: pathlib.Path, made_from: str) -> None:
    """Note that a step has finished: the last thing it does, at once or not at all."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    unfinished = stamp.with_name(f"{stamp.name}.new")
    unfinished.write_text(made_from, encoding="utf-8")
    unfinished.replace(stamp)
