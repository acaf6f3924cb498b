"""Install what pilothouse needs: `.venv`, and a pulumi CLI with its Python language host."""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)


def _newer_python() -> "str | None":  # in quotes: older Pythons read this file too
    """Another Python on PATH that is new enough and runs; None if there is none."""
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which("python3.%d" % minor)  # noqa: UP031
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


def _require_python() -> None:
    """Restart with a newer Python if this one is too old; exit with an error if there is none."""
    if sys.version_info >= OLDEST:
        return
    found = _newer_python()
    if found is None:
        sys.exit(
            "setup: Python %d.%d or newer is needed, %s is %s.\n"  # noqa: UP031
            "Install one (Debian, Ubuntu: python3.11 and python3.11-venv) and run this with it."
            % (*OLDEST, sys.executable, sys.version.split()[0])
        )
    os.execv(found, [found, *sys.argv])  # noqa: S606


if __name__ == "__main__":
    _require_python()
    from steps.main import main

    sys.exit(main(sys.argv[1:]))
