"""The folder that contains all files of a stack."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pulumi

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import files
from pilothouse.targets.local.processes.layout import DAGS, Layout
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)
from pilothouse.targets.local.settings.target import LocalPlan

TAGS_FILE = "pilothouse.json"  # the mark of the stack that owns the folder
KEPT = ("data", "secrets", DAGS, TAGS_FILE)
KEEP_DATA_VARIABLE = "PILOTHOUSE_KEEP_DATA"
_STACK, _PROJECT = "pilothouse-stack", "project"
OTHERS_FOLDER = "not empty, and not marked as this stack's folder"
REMEDY = "set `home` under `pilothouse:local` in the stack file to a new folder"


class HomeProvider(ConvergingProvider):
    """Creates the folder; deletes it, or all of it but KEPT if KEEP_DATA_VARIABLE is set."""

    replace_on = frozenset({"path"})

    def ensure(self, props: Props) -> Props:
        home = Path(props["path"])
        if not is_owned(home, props["tags"], is_default=props["is_default"]):
            raise PilothouseError(f"{home} is {OTHERS_FOLDER}; {REMEDY}")
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(_mode())
        files.write_private(home / TAGS_FILE, json.dumps(props["tags"], indent=2))
        (home / "data").mkdir(exist_ok=True)
        (home / "data").chmod(_mode())
        (home / DAGS).mkdir(mode=0o700, exist_ok=True)
        return {}

    def observe(self, props: Props) -> str | None:
        home = Path(props["path"])
        if not home.is_dir():
            return None
        return "" if (home / DAGS).is_dir() else "no folder of DAGs"

    def remove(self, props: Props) -> None:
        self.clear(Path(props["path"]), keep_data=os.environ.get(KEEP_DATA_VARIABLE) == "1")

    def clear(self, home: Path, *, keep_data: bool) -> None:
        """Delete the folder; with `keep_data`, all of it but KEPT."""
        kept = KEPT if keep_data else ()
        for entry in [*home.iterdir()] if home.is_dir() else []:
            if entry.name not in kept:
                files.remove(entry)
        if home.is_dir() and not kept:
            home.rmdir()


def make_mark(plan: LocalPlan) -> dict[str, str]:
    """What the folder of a stack says of its owner."""
    return {**plan.tags, _PROJECT: str(plan.project)}


def is_owned(home: Path, mark: Mapping[str, str], *, is_default: bool) -> bool:
    """Whether a folder is free, or belongs to the stack of `mark`.

    The default folder is in the project and has the stack's name. One that the stack file names may
    be another stack's, or have files of the user.
    """
    return is_default or _is_empty(home) or _has_mark(home, mark)


def _is_empty(home: Path) -> bool:
    return not home.exists() or (home.is_dir() and not any(home.iterdir()))


def _has_mark(home: Path, mark: Mapping[str, str]) -> bool:
    """Whether the project and the stack are the same; an earlier version's mark has no project."""
    try:
        found = json.loads((home / TAGS_FILE).read_text())
        return bool(found[_STACK] == mark[_STACK] and found.get(_PROJECT) in (None, mark[_PROJECT]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _mode() -> int:
    """The folder's mode: as root, PostgreSQL's user has to pass through it to its data."""
    return 0o711 if os.geteuid() == 0 else 0o700


class Home(ConvergingResource, module="pilothouse", name="Home"):
    """The stack's folder. A destroy with `PILOTHOUSE_KEEP_DATA=1` retains data, secrets, DAGs."""

    path: pulumi.Output[str]

    def __init__(self, name: str, plan: LocalPlan, opts: pulumi.ResourceOptions) -> None:
        props = {
            "name": name,
            "path": str(Layout.of(plan).home),
            "tags": make_mark(plan),
            "is_default": plan.settings.home is None,
        }
        super().__init__(HomeProvider(), name, props, opts)
