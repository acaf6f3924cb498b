"""The folder that contains all files of a stack."""

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

TAGS_FILE = "pilothouse.json"  # the tags of the stack that owns the folder
KEPT = ("data", "secrets", TAGS_FILE)
KEEP_DATA_VARIABLE = "PILOTHOUSE_KEEP_DATA"


class HomeProvider(ConvergingProvider):
    """Creates the folder; deletes it, or all of it but KEPT if KEEP_DATA_VARIABLE is set."""

    replace_on = frozenset({"path"})

    def ensure(self, props: Props) -> Props:
        home = Path(props["path"])
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(_mode())
        (home / "data").mkdir(exist_ok=True)
        (home / "data").chmod(_mode())
        files.write_private(home / TAGS_FILE, json.dumps(props["tags"], indent=2))
        return {}

    def observe(self, props: Props) -> str | None:
        return "" if Path(props["path"]).is_dir() else None

    def remove(self, props: Props) -> None:
        self.clear(Path(props["path"]), keep_data=os.environ.get(KEEP_DATA_VARIABLE) == "1")

    def clear(self, home: Path, *, keep_data: bool) -> None:
        """Delete the folder; with `keep_data`, all of it but data and secrets."""
        kept = KEPT if keep_data else ()
        for entry in [*home.iterdir()] if home.is_dir() else []:
            if entry.name not in kept:
                files.remove(entry)
        if home.is_dir() and not kept:
            home.rmdir()


def _mode() -> int:
    """The folder's mode: as root, PostgreSQL's user has to pass through it to its data."""
    return 0o711 if os.geteuid() == 0 else 0o700


class Home(ConvergingResource, module="pilothouse", name="Home"):
    """The stack's folder. A destroy with `PILOTHOUSE_KEEP_DATA=1` retains data and secrets."""

    path: pulumi.Output[str]

    def __init__(
        self, name: str, path: Path, tags: Mapping[str, str], opts: pulumi.ResourceOptions
    ) -> None:
        props = {"name": name, "path": str(path), "tags": dict(tags)}
        super().__init__(HomeProvider(), name, props, opts)
