"""What every part needs: programs on PATH, processes of our own, an end in good order."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
PROGRAMS = (".toolchain/bin", ".toolchain/uv/bin", ".venv/bin")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def find_programs() -> None:
    """Put the repository's own programs first on PATH."""
    folders = [str(REPOSITORY / name) for name in PROGRAMS]
    os.environ["PATH"] = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])


def end_in_good_order() -> None:
    """Let a signal run every `finally` on the way out; a second one does not disturb that."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


def tell(text: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def answer(module: str, *arguments: str) -> Any:
    """The JSON document that `python -m module` prints, in a process group of its own.

    If we are interrupted, it is asked to end and has the time that it needs.
    """
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        output, _ = process.communicate()
    finally:
        process.terminate()
        process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"python -m {module} ended with {process.returncode}")
    return json.loads(output)


def _leave(number: int, _frame: object) -> None:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)
