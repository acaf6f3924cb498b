"""The programs that `make setup-tests` provides; a test without one fails and names the command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

TOOLCHAIN = Path(__file__).parents[2] / ".toolchain"


def uv() -> Path:
    """The uv on PATH, or the one in .toolchain."""
    path = os.pathsep.join([os.environ["PATH"], str(TOOLCHAIN / "uv" / "bin")])
    if found := shutil.which("uv", path=path):
        return Path(found)
    pytest.fail("uv is neither on PATH nor in .toolchain; run `make setup-tests`")
