"""kubectl, the client that users have, on a test's cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def require() -> str:
    """Its path; without it a test is skipped, and fails in CI."""
    found = shutil.which("kubectl")
    if not found and os.environ.get("CI"):
        pytest.fail("kubectl is not on PATH")
    return found or pytest.skip("kubectl is not on PATH")


def kubectl(kubeconfig: Path, *arguments: str) -> list[str]:
    """The lines that kubectl prints, its warnings among them; AssertionError if it fails."""
    done = subprocess.run(
        [require(), f"--kubeconfig={kubeconfig}", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()
