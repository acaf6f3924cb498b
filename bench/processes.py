"""PATH, signals, progress lines and child processes of the benchmarks."""

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


def extend_path() -> None:
    """Put the programs of this repository first on PATH."""
    folders = [str(REPOSITORY / name) for name in PROGRAMS]
    os.environ["PATH"] = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])


def keep_bytecode() -> None:
    """Have programs keep what they compile, since an installed package has been compiled."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def exit_on_signals() -> None:
    """Have a signal raise SystemExit, so that every `finally` runs; ignore further signals."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _exit)


def log(text: str) -> None:
    """Write a line of progress to stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def run_json(module: str, *arguments: str) -> Any:
    """Run `python -m module` in a process group of its own; return the JSON that it prints.

    On an interrupt, the process gets SIGTERM and is waited for. Raises RuntimeError if it fails.
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


def _exit(received: int, _frame: object) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + received)
