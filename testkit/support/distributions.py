"""The wheel and the sdist of pilothouse, built for a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def build(into: Path, *targets: str, source: Path = REPOSITORY) -> dict[str, Path]:
    """The distributions of a source folder, by the ends of their names."""
    arguments = [part for target in targets for part in ("-t", target)]
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", into, *arguments],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {path.suffix: path for path in into.iterdir()}


def build_wheel(into: Path) -> Path:
    """The wheel of the repository."""
    return build(into, "wheel")[".whl"]
