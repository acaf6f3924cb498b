"""A stack on the toy target, for tests through the real engine."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from testkit.support.stacks import Stack, write_stack_file

PACKAGE = Path(__file__).parent / "package"


@dataclass(frozen=True)
class ToyStack(Stack):
    """A stack whose target is installed beside pilothouse."""

    @property
    def cloud(self) -> Path:
        """The folder that is its cloud."""
        return self.project / "cloud"

    def environment(self) -> dict[str, str]:
        """The caller's, with the package on Python's path."""
        return {**super().environment(), "PYTHONPATH": os.fspath(PACKAGE)}

    def things(self) -> dict[str, Path]:
        """The files of the cloud's things, by their kind."""
        found = {path: json.loads(path.read_text()) for path in self.cloud.glob("*.json")}
        return {thing["kind"]: path for path, thing in found.items()}

    def contents(self) -> dict[str, str]:
        """Every file of the cloud, by its path in it."""
        files = (path for path in sorted(self.cloud.rglob("*")) if path.is_file())
        return {str(path.relative_to(self.cloud)): path.read_text() for path in files}

    def protected(self) -> set[str]:
        """The logical names of what the engine protects."""
        found = (resource for resource in self.resources() if resource.get("protect"))
        return {resource["urn"].rpartition("::")[2] for resource in found}

    def set_target(self, **settings: object) -> None:
        """Write the stack's file with these settings of the target."""
        write_stack_file(self.project, self.name, "toy", settings)
