"""Versions of programs, compared by number."""

import re
import subprocess

Version = tuple[int, ...]


def parse(text: str) -> Version | None:
    """The first dotted number in a text, such as `go version go1.26.8 linux/amd64`."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in found[0].split(".")) if found else None


def at_least(found: Version | None, wanted: Version) -> bool:
    """Whether a version is known and at least the wanted one; missing parts count as 0."""
    if found is None:
        return False
    width = max(len(found), len(wanted))
    return _pad(found, width) >= _pad(wanted, width)


def _pad(version: Version, width: int) -> Version:
    return version + (0,) * (width - len(version))


def of_command(*command: str) -> Version | None:
    """The version that a program prints, None if it does not run or prints none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return parse(done.stdout)
