"""Whether this machine can do what a stack needs, looked at before anything is made."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pilothouse import targets
from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle.engine.project import backend_url
from pilothouse.lifecycle.stack import Stack
from pilothouse.plan import Plan
from pilothouse.program.build import record_graph
from pilothouse.targets.interface import Check

PROGRAMS = ("pulumi", "pulumi-language-python", "uv")


class NotReady(PilothouseError):
    """A preflight check failed: nothing was made."""

    exit_code = 2

    def __init__(self, checks: Sequence[Check]) -> None:
        lines = [f"{check.name}: {check.detail}; {check.remedy}" for check in checks]
        super().__init__("\n".join(["this can't be set up here:", *lines]))


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


def policies(plan: Plan) -> list[dict[str, Any]]:
    """What whoever deploys a stack has to be allowed; Refused where a target can't tell that."""
    known = targets.offering("permissions")
    if plan.target not in known:
        message = f"stack {plan.stack} is on target {plan.target}, which knows no such policies"
        raise Refused(f"{message}: name a stack on {' or '.join(known)}")
    found: list[dict[str, Any]] = targets.load(plan.target, "permissions")(plan, record_graph(plan))
    return found


def require(checks: Sequence[Check]) -> None:
    """Raise NotReady with every check that failed."""
    if failed := [check for check in checks if not check.ok]:
        raise NotReady(failed)


def _program(name: str, variables: Mapping[str, str]) -> Check:
    found = shutil.which(name, path=variables["PATH"])
    return Check(
        name=f"program {name}",
        ok=found is not None,
        detail=found or "not on PATH",
        remedy="run `make setup`",
    )


def _version(answer: str) -> Check:
    wanted = version("pulumi")
    return Check(
        name="pulumi's version",
        ok=_minor(answer) >= _minor(wanted),
        detail=f"{answer}; the SDK is {wanted}",
        remedy="run `make setup`, or install a newer pulumi",
    )


def _minor(text: str) -> tuple[int, ...]:
    parts = text.split("-", maxsplit=1)[0].split(".")[:2]
    return tuple(int(part) for part in parts) if all(map(str.isdigit, parts)) else ()


def _backend(variables: Mapping[str, str]) -> Check:
    return Check(name="state", ok=True, detail=backend_url(variables))
