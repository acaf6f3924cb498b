"""A project on disk, and the environment in which `pulumi` works on it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import yaml

from pilothouse import proxies, targets
from pilothouse.config import stack_file
from pilothouse.errors import InvalidInput, PilothouseError, Problem, Refused
from pilothouse.lifecycle.engine import passphrase
from pilothouse.program.load import STACKS_FOLDER

MARKER = "Pulumi.yaml"
LOCAL_FOLDER = ".pilothouse"
TOOLS_FOLDER = ".toolchain"


@dataclass(frozen=True)
class Project:
    """The folder of a Pulumi.yaml."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Project:
        """The project that `start` is in; PilothouseError if it is in none."""
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / MARKER).is_file():
                return cls(folder)
        raise PilothouseError(
            f"no {MARKER} in {start} or above: change to a project, pass --project, or make a "
            "project with `pilothouse init`"
        )

    @property
    def name(self) -> str:
        """The project's name in Pulumi.yaml, by which the backend has its state and locks."""
        return str(self._document()["name"])

    @property
    def program(self) -> Path:
        """The file that the engine runs."""
        return self.root / str(self._document().get("main", "")) / "__main__.py"

    @property
    def environment(self) -> Path | None:
        """The Python environment of the program; None where Pulumi.yaml names none."""
        runtime = self._document().get("runtime")
        options = (runtime.get("options") if isinstance(runtime, dict) else None) or {}
        return self.root / str(options["virtualenv"]) if options.get("virtualenv") else None

    @property
    def plugins(self) -> frozenset[str]:
        """The provider plugins that Pulumi.yaml itself has, by the path of each."""
        named = (self._document().get("plugins") or {}).get("providers") or ()
        return frozenset(str(plugin.get("name")) for plugin in named)

    def _document(self) -> dict[str, Any]:
        return dict(yaml.safe_load((self.root / MARKER).read_text()))

    @property
    def folder(self) -> Path:
        """What belongs to this clone and not to its repository: state, passphrase, services."""
        return self.root / LOCAL_FOLDER

    def stack(self, name: str | None) -> str:
        """`name`, or the only existing stack; InvalidInput where that is ambiguous."""
        known = stack_file.names(self.root / STACKS_FOLDER)
        if name or len(known) == 1:
            return name or known[0]
        remedy = (
            f"name one of them: {', '.join(known)}" if known else "add stacks/Pulumi.<stack>.yaml"
        )
        raise InvalidInput([Problem(file="", key="stack", found="none", remedy=remedy)])

    def variables(self, target: str | None = None) -> dict[str, str]:
        """What `pulumi` needs for a stack on `target` beside the caller's environment.

        Without a target, the state can be read, and no program run.
        The caller's environment wins where it has chosen a backend or a passphrase.
        """
        known = targets.registered()[target] if target else None
        programs = self._programs(with_plugins=bool(known and known.plugins))
        variables = {
            "PATH": os.pathsep.join([*programs, os.environ.get("PATH", os.defpath)]),
            # gRPC, with which engine, program and providers talk, would ask a proxy for 127.0.0.1.
            **proxies.bypassing(os.environ),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # A stack file without a salt is no change of the secrets provider: the state has it.
            "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
            # The engine would look for the plugins of every Pulumi package that is installed.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        if known:
            variables |= known.variables
        if not _has_backend():
            # With metadata beside each file, a kill while it is written spoils the state.
            variables["PULUMI_BACKEND_URL"] = f"file://{quote(str(self._state))}?metadata=skip"
        if not passphrase.is_chosen():
            variables[passphrase.FILE_VARIABLE] = str(self.folder / "passphrase")
        return variables

    def _programs(self, *, with_plugins: bool) -> list[str]:
        """The folders of the tools; the engine reports each plugin that it finds in them."""
        tools = self.root / TOOLS_FOLDER
        folders = [tools / "bin", tools / "uv" / "bin", self.root / ".venv" / "bin"]
        if with_plugins:
            folders.append(tools / "plugins")
        return [str(folder) for folder in folders if folder.is_dir()]

    @property
    def _state(self) -> Path:
        return self.folder / "state"

    def ensure_state(self) -> None:
        """Make the folder of the clone's own backend, without which `pulumi` ends with an error.

        Raises Refused where it cannot be made.
        """
        if _has_backend():
            return
        try:
            self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(
                f"the state's folder {self._state} cannot be made: {error.strerror}; make the "
                "project writable, or choose another backend with PULUMI_BACKEND_URL"
            ) from error


def backend_url(variables: Mapping[str, str]) -> str:
    """The state's backend, as `pulumi` with these variables finds it."""
    return (
        os.environ.get("PULUMI_BACKEND_URL")
        or variables.get("PULUMI_BACKEND_URL")
        or _logged_in_backend()
    )


def state_folder(backend: str) -> Path | None:
    """The folder of a file backend; None for another kind."""
    if not backend.startswith("file://"):
        return None
    path, _, _ = backend.removeprefix("file://").partition("?")
    return Path(unquote(path)).expanduser() / ".pulumi"


def _has_backend() -> bool:
    return bool(os.environ.get("PULUMI_BACKEND_URL") or _logged_in_backend())


def _logged_in_backend() -> str:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        return str(json.loads((home / "credentials.json").read_text()).get("current") or "")
    except (OSError, ValueError):
        return ""
