"""Everything that a command needs of one stack: its plan, its engine, its target's operations."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse import proxies, targets
from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.engine.automation import Engine
from pilothouse.lifecycle.engine.damage import StateDamaged
from pilothouse.lifecycle.engine.journal import Journal
from pilothouse.lifecycle.engine.project import Project
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.naming import check_stack
from pilothouse.plan import Plan
from pilothouse.program.build import record_graph
from pilothouse.program.load import check_files, plan_of_definition, plan_of_files
from pilothouse.services.clients import Clients
from pilothouse.targets.interface import Operations

if TYPE_CHECKING:
    from pilothouse.targets.dry_run import Recording


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

        An expired pilot is accepted where it is set up, or `today` is None. The PATH of this
        process is set to the project's, and no proxy is asked for this machine. Raises
        InvalidInput for wrong files.
        """
        project = Project.find(folder)
        stack = project.stack(name)
        plan = plan_of_files(
            project.root, stack, today=today, is_set_up=lambda: _is_set_up(project, stack)
        )
        check_files(plan)
        return cls._of(project, plan)

    @classmethod
    def open_as_set_up(cls, folder: Path, name: str | None) -> Stack:
        """Open the stack `name`, or the only one there is, as its last `up` made it.

        The files may have changed since, or be gone. Where there was no such `up`, they count; then
        raises InvalidInput for wrong ones.
        """
        project = Project.find(folder)
        stack = project.stack(name)
        plan = _plan_as_set_up(project, stack) or plan_of_files(project.root, stack, today=None)
        return cls._of(project, plan)

    @classmethod
    def _of(cls, project: Project, plan: Plan[Any]) -> Stack:
        variables = project.variables(plan.target)
        # The Automation API, and what a kubeconfig runs, are found on the PATH of this process.
        os.environ["PATH"] = variables["PATH"]
        _bypass_proxies()
        operations = targets.load(plan.target, "operations")(plan)
        engine = Engine(project, plan.stack, variables, operations.limit)
        project.ensure_state()
        engine.ensure_passphrase()
        return cls(
            project=project,
            name=plan.stack,
            plan=plan,
            engine=engine,
            clients=targets.load(plan.target, "clients")(),
            operations=operations,
            journal=Journal.of(project, plan.stack),
        )

    @cached_property
    def graph(self) -> Recording:
        """What the stack's program asks the engine for, recorded once."""
        return record_graph(self.plan)

    def contract(self) -> Contract:
        """The running stack's contract; NotSetUp if it is not up."""
        return Contract.from_output(self.engine.outputs()["contract"])


def _is_set_up(project: Project, stack: str) -> bool:
    try:
        return Engine(project, stack, project.variables()).state_without_secrets().has_resources
    except StateDamaged:
        return True  # that is reported where the state is used
    except PilothouseError:
        return False  # there is no state that could be read


def _plan_as_set_up(project: Project, stack: str) -> Plan[Any] | None:
    check_stack(stack)
    engine = Engine(project, stack, project.variables())
    try:
        definition = _known_state(engine).definition
        return plan_of_definition(project.root, stack, definition) if definition else None
    except PilothouseError:
        return None  # what is wrong with the state or the engine shows where they are used


def _known_state(engine: Engine) -> StackState:
    try:
        return engine.state_without_secrets()
    except StateDamaged:
        return engine.copied_state()


def open_plan(folder: Path, name: str | None, *, today: date | None) -> Plan:
    """The plan of the stack `name` of the project that `folder` is in, where no engine is needed.

    Nothing is made for that; no proxy is asked for this machine. Raises InvalidInput for wrong
    files.
    """
    _bypass_proxies()
    project = Project.find(folder)
    return plan_of_files(project.root, project.stack(name), today=today)


def _bypass_proxies() -> None:
    """The clients in this process read its environment."""
    os.environ.update(proxies.bypassing(os.environ))
