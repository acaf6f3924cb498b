"""Stops a stack when its pilot's last day is over in UTC: `expiry_timer HOME FILE`.

It is a service of the stack that it stops. FILE, a JSON object, has the last day. An `up` after
that day writes FILE anew: then the stack goes on until the end of the day of that `up`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

FILE = "expiry.json"
CHECKED_EVERY = 30.0  # seconds; one long sleep would not count the time of a suspended machine
ENDED_WITHIN = 10.0  # seconds until a process that no program of supervisord is gets killed


def arguments(home: Path, file: Path) -> list[str]:
    """The argument list of this program."""
    return [sys.executable, "-I", "-m", __name__, str(home), str(file)]


def main() -> None:
    """Wait for the end, and stop everything, this process included."""
    home, file = map(Path, sys.argv[1:])
    end = find_end(file)
    _log(f"the stack is stopped at {end:%Y-%m-%d %H:%M} UTC")
    wait_for(end, lambda: datetime.now(UTC), time.sleep)
    _log("the pilot is over: stopping the stack, whose data are kept")
    stop(home)


def find_end(file: Path) -> datetime:
    """The end of the last day that `file` has, or of the day on which that was written."""
    expires = date.fromisoformat(json.loads(file.read_text())["expires"])
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
    return datetime.combine(max(expires, written), datetime.min.time(), UTC) + timedelta(days=1)


def wait_for(end: datetime, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
    """Return once `now` gives `end` or more, after looking again and again."""
    while (left := (end - now()).total_seconds()) > 0:
        sleep(min(left, CHECKED_EVERY))


def stop(home: Path) -> None:
    """End the services and all their processes, then supervisord, which ends this process."""
    from pilothouse.targets.local.processes import process_table, supervision

    for name, program in supervision.programs(home).items():
        if program.pid != os.getpid():
            supervision.stop_program(home, name)
    supervisord = os.getppid()
    others = [each for each in process_table.of_folder(home) if each.pid != supervisord]
    process_table.end(others, first=signal.SIGTERM, seconds=ENDED_WITHIN)
    supervision.shut_down(home)


def _log(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
