"""Reads the text of a file that a user wrote, or says why it is not read."""

import stat
from pathlib import Path

from yaml.reader import Reader

from pilothouse.errors import InvalidInput, Problem

MAX_BYTES = 1024 * 1024


def displayed(path: Path) -> str:
    """`path` as messages show it: relative to the current folder if it is below it."""
    whole, here = path.absolute(), Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def read_text(path: Path) -> str:
    """The text of the file at `path`; raises InvalidInput where it is none that can be read."""
    file = displayed(path)
    try:
        _check_kind(path, file)
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refusal(file, reason, "name a file that exists and can be read") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refusal(file, "bytes that are not UTF-8", "save it as UTF-8", line) from error
    _check_printable(text, file)
    return text


def _check_kind(path: Path, file: str) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise _refusal(file, f"a symlink to {path.readlink()}", "name the file itself")
    if stat.S_ISDIR(status.st_mode):
        raise _refusal(file, "a folder", "name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(file, "something that is no regular file", "name a file")
    if status.st_size > MAX_BYTES:
        raise _refusal(file, f"{status.st_size} bytes", f"keep it to {MAX_BYTES} bytes or fewer")


def _check_printable(text: str, file: str) -> None:
    if bad := Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        found = f"the control character U+{ord(bad.group()):04X}"
        raise _refusal(file, found, "remove it", line)


def _refusal(file: str, found: str, remedy: str, line: int | None = None) -> InvalidInput:
    return InvalidInput([Problem(file=file, line=line, key="", found=found, remedy=remedy)])
