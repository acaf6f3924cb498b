"""The provider plugins of a stack's target: those and no others are installed, before they run.

The engine by itself would look for the plugin of every Pulumi package that is installed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pilothouse import targets
from pilothouse.errors import Refused
from pilothouse.lifecycle.engine.automation import EngineFailed
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack

PROVIDER_TYPE = "pulumi:providers:"


def install_missing(stack: Stack, report: Report, state: StackState) -> None:
    """Install what the program and the resources in the state need.

    Raises Refused where that is not possible.
    """
    for name, wanted in sorted(set(_needed(stack, state))):
        if name in stack.project.plugins or _is_found(name, wanted):
            continue
        report.say(f"installing the provider plugin {name} {wanted}")
        try:
            stack.engine.install_plugin(name, wanted)
        except EngineFailed as error:
            raise Refused(
                f"the provider plugin {name} {wanted} is not installed and cannot be downloaded: "
                f"{error}\nor run `pilothouse setup`, put pulumi-resource-{name} on PATH, or copy "
                f"{_folder(name, wanted)} from a machine on which `pulumi plugin install resource "
                f"{name} {wanted}` was run"
            ) from error


def _needed(stack: Stack, state: StackState) -> Iterator[tuple[str, str]]:
    """Each plugin with its version: that of the SDK, and those that made what the state has."""
    names = targets.registered()[stack.plan.target].plugins
    for name in names:
        with suppress(PackageNotFoundError):  # without its SDK the program says what is missing
            yield name, version(f"pulumi-{name}")
    for resource in state.resources:
        name = resource["type"].removeprefix(PROVIDER_TYPE)
        wanted = (resource.get("inputs") or {}).get("version")
        if name in names and isinstance(wanted, str):
            yield name, wanted


def _is_found(name: str, wanted: str) -> bool:
    """Whether the engine finds it: one on PATH, of any version, goes before those it installed."""
    return bool(shutil.which(f"pulumi-resource-{name}")) or _folder(name, wanted).is_dir()


def _folder(name: str, wanted: str) -> Path:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return home / "plugins" / f"resource-{name}-v{wanted}"
