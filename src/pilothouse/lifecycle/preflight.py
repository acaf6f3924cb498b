"""The preflight: whether this machine and the target can do what a stack needs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from pilothouse.errors import Refused
from pilothouse.lifecycle.engine.project import backend_url
from pilothouse.lifecycle.stack import Stack
from pilothouse.program.build import record_graph
from pilothouse.targets.interface import Check

PROGRAMS = ("pulumi", "pulumi-language-python", "uv")


def examine(stack: Stack) -> list[Check]:
    """Every check of the tool chain and of the stack's target."""
    variables = stack.project.variables(stack.plan.target)
    checks = [_program(name, variables) for name in PROGRAMS]
    if checks[0].ok:
        checks.append(_version(stack.engine.pulumi_version()))
    return [
        *checks,
        _backend(variables),
        *stack.operations.preflight(lambda: record_graph(stack.plan)),
    ]


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
        remedy="run `make setup`",
    )


def _version(installed: str) -> Check:
    required = version("pulumi")
    return Check(
        name="pulumi's version",
        ok=_minor(installed) >= _minor(required),
        detail=f"{installed}; the SDK is {required}",
        remedy="run `make setup`, or install a newer pulumi",
    )


def _minor(text: str) -> tuple[int, ...]:
    parts = text.split("-", maxsplit=1)[0].split(".")[:2]
    return tuple(int(part) for part in parts) if all(map(str.isdigit, parts)) else ()


def _backend(variables: Mapping[str, str]) -> Check:
    return Check(name="state", ok=True, detail=backend_url(variables))
