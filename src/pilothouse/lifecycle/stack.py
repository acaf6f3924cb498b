"""Everything that a command needs of one stack: its plan, its engine, its target's eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pilothouse import targets
from pilothouse.contract import Contract
from pilothouse.lifecycle.engine.automation import Engine
from pilothouse.lifecycle.engine.journal import Journal
from pilothouse.lifecycle.engine.project import Project
from pilothouse.plan import Plan
from pilothouse.program.load import plan_of_files
from pilothouse.services.clients import Clients
from pilothouse.targets.interface import Operations


@dataclass(frozen=True, kw_only=True)
class Stack:
    """An opened stack of a project."""

    project: Project
    name: str
    plan: Plan
    engine: Engine
    operations: Operations
    clients: Clients
    journal: Journal

    @classmethod
    def open(cls, folder: Path, name: str | None, *, today: date | None) -> Stack:
        """Open the stack `name`, or the only one there is.

        `today` is None where an expired pilot will do. Raises InvalidInput for wrong files.
        """
        project, plan = planned(folder, name, today=today)
        return cls(
            project=project,
            name=plan.stack,
            plan=plan,
            engine=Engine(project, plan.stack, project.variables(plan.target)),
            clients=targets.load(plan.target, "clients")(),
            operations=targets.load(plan.target, "operations")(plan),
            journal=Journal.of(project, plan.stack),
        )

    def contract(self) -> Contract:
        """What the running stack promises; NotSetUp if it is not up."""
        return Contract.from_output(self.engine.outputs()["contract"])


def planned(folder: Path, name: str | None, *, today: date | None) -> tuple[Project, Plan]:
    """The project that `folder` is in, and the plan of its stack: nothing is made for that.

    Raises InvalidInput for wrong files.
    """
    project = Project.find(folder)
    return project, plan_of_files(project.root, project.stack(name), today=today)
