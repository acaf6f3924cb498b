"""The folder that holds everything of a stack."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pulumi

from pilothouse.targets.local.processes import files
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)

MARK = "pilothouse.json"  # whose folder it is: the stack's tags
KEPT = ("data", "secrets", MARK)
KEEP_DATA_VARIABLE = "PILOTHOUSE_KEEP_DATA"


class HomeProvider(ConvergingProvider):
    """Makes the folder; removes it with all it holds, but for what KEEP_DATA_VARIABLE keeps."""

    replace_on = frozenset({"path"})

    def ensure(self, props: Props) -> Props:
        home = Path(props["path"])
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(_mode())
        (home / "data").mkdir(exist_ok=True)
        (home / "data").chmod(_mode())
        files.write_private(home / MARK, json.dumps(props["tags"], indent=2))
        return {}

    def observe(self, props: Props) -> str | None:
        return "" if Path(props["path"]).is_dir() else None

    def remove(self, props: Props) -> None:
        self.clear(Path(props["path"]), keep_data=os.environ.get(KEEP_DATA_VARIABLE) == "1")

    def clear(self, home: Path, *, keep_data: bool) -> None:
        """Remove the folder, or all that is not data and secrets."""
        kept = KEPT if keep_data else ()
        for entry in [*home.iterdir()] if home.is_dir() else []:
            if entry.name not in kept:
                files.remove(entry)
        if home.is_dir() and not kept:
            home.rmdir()


def _mode() -> int:
    """PostgreSQL runs as another user where we are root, and passes through to its own folder."""
    return 0o711 if os.geteuid() == 0 else 0o700


class Home(ConvergingResource, module="pilothouse", name="Home"):
    """The stack's folder. `PILOTHOUSE_KEEP_DATA=1` during a destroy keeps its data and secrets."""

    path: pulumi.Output[str]

    def __init__(
        self, name: str, path: Path, tags: Mapping[str, str], opts: pulumi.ResourceOptions
    ) -> None:
        props = {"name": name, "path": str(path), "tags": dict(tags)}
        super().__init__(HomeProvider(), name, props, opts)
