"""The built-in workload that proves a platform, as a package whose steps run like a team's."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pilothouse
from pilothouse.packages.bundle import FOLDER

SOURCE = Path(pilothouse.__file__).parent / "workload"
LOCK = SOURCE / "requirements.txt"
NAME = "pilothouse-workload"
"""The package's name, and its program's."""
STEPS = ("prepare", "train", "register", "predict")
CURRENT = f"{FOLDER}/proof.json"
"""Where the store's data say which archive of the package is the newest."""
TIMEOUT = 600  # seconds for a step, as its DAG has it


def definition() -> dict[str, Any]:
    """The document that `run_step.py` reads; the steps hand on what they make by themselves."""
    steps = {
        step: {"command": [NAME, step], "needs": [], "retries": 0, "timeout": TIMEOUT}
        for step in STEPS
    }
    return {"parameters": {}, "secrets": [], "steps": steps, "current": CURRENT}


def content_digest() -> str:
    """The digest of the package's source and of its lock."""
    found = hashlib.sha256()
    for path in (LOCK, SOURCE / "pyproject.toml", *sorted(SOURCE.rglob("*.py"))):
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
