"""The preflight: whether this machine and the target can do what a stack needs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from packaging.version import Version

from pilothouse.errors import Refused
from pilothouse.lifecycle.engine.project import backend_url
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.stack import Stack
from pilothouse.targets.interface import Check

PROGRAMS = ("pulumi", "pulumi-language-python", "uv")


def examine(stack: Stack) -> list[Check]:
    """Every check of the tool chain and of the stack's target."""
    variables = stack.project.variables(stack.plan.target)
    checks = [_program(name, variables) for name in PROGRAMS]
    if checks[0].ok:
        checks.append(_version(stack.engine.pulumi_version()))
    if environment := stack.project.environment:
        checks.append(_environment(environment))
    return [
        *checks,
        _backend(variables),
        *stack.operations.preflight(lambda: stack.graph),
    ]


def version_check(state: StackState) -> Check:
    """Whether this version may change the stack: not where a newer one has set it up."""
    own, made_by = version("pilothouse"), str((state.definition or {}).get("version") or "")
    is_newer = bool(made_by) and Version(made_by) > Version(own)
    is_older = bool(made_by) and Version(made_by) < Version(own)
    preview = ": `pilothouse preview` shows what this one changes" if is_older else ""
    return Check(
        name="the stack's version",
        ok=not is_newer,
        detail=f"set up by pilothouse {made_by}, and this is {own}{preview}"
        if made_by
        else f"not set up by a version that says so; this is {own}",
        remedy=f"install pilothouse {made_by} or a newer one, and run `pilothouse setup`",
    )


def require(checks: Sequence[Check]) -> None:
    """Raise Refused with every check that failed."""
    failed = [check for check in checks if not check.ok]
    lines = [f"{check.name}: {check.detail}; {check.remedy}" for check in failed]
    if lines:
        raise Refused("\n".join(["preflight failed:", *lines]))


def _program(name: str, variables: Mapping[str, str]) -> Check:
    found = shutil.which(name, path=variables["PATH"])
    return Check(
        name=f"program {name}",
        ok=found is not None,
        detail=found or "not on PATH",
        remedy="run `pilothouse setup`",
    )


def _version(installed: str) -> Check:
    required = version("pulumi")
    return Check(
        name="pulumi's version",
        ok=_minor(installed) >= _minor(required),
        detail=f"{installed}; the SDK is {required}",
        remedy="run `pilothouse setup`, or install a newer pulumi",
    )


def _environment(folder: Path) -> Check:
    """Whether the program's environment has the pilothouse that drives it."""
    infos = folder.glob("lib/python*/site-packages/pilothouse-*.dist-info")
    found = sorted(info.name.removesuffix(".dist-info").partition("-")[2] for info in infos)
    own = version("pilothouse")
    return Check(
        name="the program's environment",
        ok=found == [own],
        detail=f"{folder} has {'pilothouse ' + found[0] if found else 'no pilothouse'}",
        remedy=f"run `pilothouse setup`, which installs pilothouse {own} there",
    )


def _minor(text: str) -> tuple[int, ...]:
    parts = text.split("-", maxsplit=1)[0].split(".")[:2]
    return tuple(int(part) for part in parts) if all(map(str.isdigit, parts)) else ()


def _backend(variables: Mapping[str, str]) -> Check:
    return Check(name="state", ok=True, detail=backend_url(variables))
