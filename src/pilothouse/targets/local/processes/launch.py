"""Prepares a process and replaces itself by a command: `launch [options] -- COMMAND…`.

The command gets the environment variables of a private file, a JSON object, so that no secret is in
an argument list, and of the caller's environment only the variables that --keep names.
"""

import argparse
import json
import os
import pwd
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pilothouse.targets.local.processes import operating_system


def arguments(
    command: Sequence[str],
    *,
    environment: Path | None = None,
    alone: Sequence[Path] = (),
    die_with_parent: str = "",
    user: str = "",
    wait_for: str = "",
    keep: Sequence[str] = (),
) -> list[str]:
    """The argument list of this program that runs `command`."""
    options = [f"--alone={folder}" for folder in alone] + [f"--keep={name}" for name in keep]
    if die_with_parent:
        options.append(f"--die-with-parent={die_with_parent}")
    if user:
        options.append(f"--user={user}")
    if wait_for:
        options.append(f"--wait-for={wait_for}")
    if environment:
        options.append(f"--environment={environment}")
    return [sys.executable, "-I", "-m", __name__, *options, "--", *command]


def main() -> None:
    """Read the environment and execute the command; a usage error exits with 2."""
    parent = os.getppid()
    options = _parse()
    variables = json.loads(options.environment.read_text()) if options.environment else {}
    kept = {name: os.environ[name] for name in options.keep if name in os.environ}
    for folder in options.alone:
        _end_others(folder)
    if options.user:
        _switch_user(options.user)
    if options.die_with_parent:
        _die_with_parent(parent, signal.Signals[options.die_with_parent])
    while options.wait_for and not options.wait_for.exists():
        time.sleep(0.05)
    _execute(options.command, {**kept, **variables})


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--user", help="switch from root to this user")
    parser.add_argument(
        "--alone",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="end all other processes of this folder",
    )
    parser.add_argument("--wait-for", type=Path, metavar="FILE", help="start once it exists")
    parser.add_argument("--die-with-parent", metavar="SIGNAL", help="sent when the parent dies")
    parser.add_argument("--keep", action="append", default=[], metavar="NAME")
    parser.add_argument("--environment", type=Path, metavar="FILE")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _end_others(folder: Path) -> None:
    from pilothouse.targets.local.processes import process_table

    process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=5)


def _switch_user(name: str) -> None:
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def _die_with_parent(parent: int, number: int) -> None:
    operating_system.signal_when_parent_ends(number)
    if os.getppid() != parent:
        sys.exit("the parent died first")


def _execute(command: list[str], environment: Mapping[str, str]) -> None:
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 - the command takes this process over
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
