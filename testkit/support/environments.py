"""The Python environments of the local target, at their places in this project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pilothouse.program import load
from pilothouse.services.airflow import requirements
from pilothouse.targets.local.components.foundation import REQUIREMENTS
from pilothouse.targets.local.processes.layout import Layout
from pilothouse.targets.local.resources import environment
from testkit.support import tools

ROOT = Path(__file__).parents[2]


def installed(name: str, lock: Path | None = None) -> Path:
    """The environment of a lock, such as `airflow`; an `up` of this project finds it installed.

    A lock of the tests' own is given as a file.
    """
    plan = load.plan_of_files(ROOT, "local", today=None)
    own = requirements.LOCK if name == "airflow" else REQUIREMENTS / f"{name}.txt"
    source = lock or own
    path = environment.environment_path(Layout.of(plan).environments, name, source, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([os.environ["PATH"], str(tools.uv().parent)]))
        environment.install(path, source, None)
    return path
