"""Runs a command in a root made of layers, in a mount namespace that the caller has unshared.

What the command writes comes into the uppermost folder; /tmp is not kept.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from pathlib import Path

_RESOLVER = "/etc/resolv.conf"
_AUTHORITIES = "/etc/ssl/certs"


def main() -> None:
    """Mount, change the root, become the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where what is written comes to lie")
    parser.add_argument("scratch", type=Path, help="an empty folder on the same file system")
    parser.add_argument("--below", action="append", default=[], help="a layer, uppermost first")
    parser.add_argument("--bind", action="append", default=[], help="SOURCE=TARGET, below /tmp")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    root = _assemble(arguments.folder, arguments.scratch, arguments.below)
    for bind in arguments.bind:
        source, _, target = bind.partition("=")
        _bind(Path(source), Path(f"{root}{target}"))
    os.chroot(root)
    os.chdir("/")
    os.execvp(arguments.command[0], arguments.command)  # noqa: S606 - an argument list


def _assemble(folder: Path, scratch: Path, below: list[str]) -> Path:
    """The layers with a device folder and the machine's way to names and certificates."""
    root, work = scratch / "root", scratch / "work"
    root.mkdir()
    work.mkdir()
    options = f"lowerdir={':'.join(below)},upperdir={folder},workdir={work}"
    _mount("-t", "overlay", "overlay", "-o", options, root)
    _mount("-t", "proc", "proc", root / "proc")
    _mount("-t", "tmpfs", "tmpfs", root / "tmp")
    _mount("--rbind", "/dev", root / "dev")
    for path in (_RESOLVER, _AUTHORITIES):
        _mount("--bind", path, f"{root}{path}")
    return root


def _bind(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        target.mkdir()
    else:
        target.touch()
    _mount("--bind", source, target)


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    main()
