"""A pipeline as a text: the jobs of each stack in one file, and what people set up for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilothouse.errors import InvalidInput, Problem, Refused, one_of, shown
from pilothouse.lifecycle.optional_parts import load_part
from pilothouse.lifecycle.pipelines.systems import System
from pilothouse.lifecycle.pipelines.template import fill
from pilothouse.plan import Plan
from pilothouse.targets.interface import PipelineAccess

AT_EXPIRY: Mapping[str, str] = {
    "keep-data": "down {stack} --keep-data",
    "down": "down {stack}",
    "pause": "pause {stack}",
}
"""What ends a stack whose pilot is over, by the name of the choice."""

_SCRIPTS = Path(__file__).parent / "scripts"
_PURPOSES = {"preview": "preview", "up": "deploy", "expiry": "deploy", "drift": "preview"}
"""The scripts of a stack that outlives a job, and as whom each of them works."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is the same for every stack; raises InvalidInput for an unknown end.

    package: what a job installs pilothouse from, such as a requirement or the path of a wheel.
    branch: whose pushes change the stacks. at_expiry: a key of AT_EXPIRY.
    """

    package: str
    version: str
    branch: str
    at_expiry: str

    def __post_init__(self) -> None:
        if self.at_expiry not in AT_EXPIRY:
            found, remedy = shown(self.at_expiry), one_of(self.at_expiry, AT_EXPIRY)
            raise InvalidInput([Problem(file="", key="at-expiry", found=found, remedy=remedy)])


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """The text of a pipeline's file, and a line for each thing that people set up before."""

    text: str
    to_do: Sequence[str]


def write(system: System, plans: Sequence[Plan[Any]], choices: Choices) -> Pipeline:
    """The pipeline of these stacks, the same for the same input.

    Raises Refused where no job can reach a stack, or two stacks would have the same jobs.
    """
    _check_names(plans)
    stacks = [_Stack(system, plan, choices) for plan in plans]
    are_shared = any(stack.access.templates for stack in stacks)
    values = {
        **_common(choices),
        "jobs": "\n".join(stack.jobs() for stack in stacks).rstrip(),
        "group": system.template("group.yml") if are_shared else "",
    }
    to_do = fill(system.template("to-do.txt"), values).splitlines() if are_shared else []
    return Pipeline(
        text=fill(system.template("file.yml"), values),
        to_do=[*to_do, *(line for stack in stacks for line in stack.to_do())],
    )


class _Stack:
    """The part of a pipeline that is about one stack."""

    def __init__(self, system: System, plan: Plan[Any], choices: Choices) -> None:
        load = load_part(plan, "pipeline", lacking="no job of a CI system can reach")
        self.access: PipelineAccess = load(plan)
        self._system = system
        job = _job(plan.stack)
        self._values = {
            **_common(choices),
            **self.access.values,
            "stack": plan.stack,
            "job": job,
            "JOB": job.upper(),
            "at_expiry": AT_EXPIRY[choices.at_expiry].format(stack=plan.stack),
        }

    def jobs(self) -> str:
        """The jobs, from the preview of a change to the end of the pilot."""
        values = self._values | {"prepare": self._fill("prepare.yml")}
        if not self.access.templates:
            values |= {"life": self._script("life")}
            return fill(self._system.template("life.yml"), values)
        values |= {name: self._logged_in(name, self.access.templates) for name in _PURPOSES}
        return fill(self._system.template("stack.yml"), values)

    def to_do(self) -> Iterator[str]:
        """What people set up for this stack."""
        if self.access.templates:
            own = self.access.templates / f"{self._system.name}.txt"
            yield from self._fill("stack-to-do.txt").splitlines()
            yield from fill(own.read_text(encoding="utf-8"), self._values).splitlines()

    def _logged_in(self, script: str, templates: Path) -> str:
        """What runs a script where the stack can be reached."""
        purpose = _PURPOSES[script]
        variables = "preview-variables.yml" if script == "preview" else "variables.yml"
        values = self._values | {
            "name": script,
            "purpose": purpose,
            "PURPOSE": purpose.upper(),
            "script": self._script(script),
            "variables": self._fill(variables),
        }
        own = templates / f"{self._system.name}.yml"
        return fill(own.read_text(encoding="utf-8"), values)

    def _script(self, name: str) -> str:
        text = (_SCRIPTS / f"{name}.sh").read_text(encoding="utf-8")
        parts = {part: self._fill(f"{part}.sh") for part in ("guard", "comment")}
        return fill(text, self._values | parts)

    def _fill(self, name: str) -> str:
        return fill(self._system.template(name), self._values)


def _common(choices: Choices) -> dict[str, str]:
    return {
        "package": json.dumps(choices.package),
        "version": choices.version,
        "branch": json.dumps(choices.branch),
        "plain_branch": choices.branch,
    }


def _job(stack: str) -> str:
    """The stack's name as a part of a job's, and in capitals of a variable's."""
    return re.sub("[^A-Za-z0-9]", "_", stack)


def _check_names(plans: Sequence[Plan[Any]]) -> None:
    stacks: dict[str, str] = {}
    for plan in plans:
        other = stacks.setdefault(_job(plan.stack).lower(), plan.stack)
        if other != plan.stack:
            raise Refused(
                f"the jobs of the stacks {other} and {plan.stack} would have the same names: "
                "write a pipeline for one of them with --stack, or rename a stack"
            )
