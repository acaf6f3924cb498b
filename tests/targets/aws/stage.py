"""A stack in an account in memory, worked on by pilothouse's own commands."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console
from testkit.fake_providers.aws import account
from testkit.fake_providers.core import plugin
from testkit.support.accounts import REGION, STACK, Account, set_target
from testkit.support.accounts import account as account_in
from testkit.support.stacks import MINIMAL, Stack, end_all, project_folder

from pilothouse.lifecycle import commands
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack as OpenedStack


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class AccountStack(Stack):
    """A stack on AWS; `variables` lead to the account and to its provider."""

    variables: Mapping[str, str]

    def environment(self) -> dict[str, str]:
        """The caller's, with the made-up credentials and no others."""
        return {**super().environment(), **self.variables}

    def traces(self) -> list[str]:
        """What is left of the stack in its account, looked for without the code under test."""
        return account.contents(REGION)


@dataclass(frozen=True)
class Stage:
    """A stack that is not up yet, and the faults of its account."""

    stack: AccountStack
    cloud: Account

    def configure(self, *, changed: bool = False, **more: Any) -> None:
        """Write the files; `changed` differs in whatever can change in place.

        more: what the stack file says besides.
        """
        platform: dict[str, Any] = yaml.safe_load(MINIMAL)
        settings: dict[str, Any] = {}
        if changed:
            platform["pilot"]["monthlyBudget"] += 100
            platform |= {
                "storage": {"retentionDays": 30},
                "orchestration": {"logRetentionDays": 14},
            }
            settings = {"tags": {"team": "churn"}, "orchestration": {"maxWorkers": 7}}
        (self.stack.project / "platform.yaml").write_text(yaml.safe_dump(platform))
        set_target(self.stack.project, **settings, **more)

    def up(self) -> dict[str, int]:
        """`pilothouse up` in this process; how many resources by operation."""
        outcome = _Outcome()
        commands.up.run(self._opened(), outcome, _today(), show_secrets=False, and_verify=False)
        return dict(outcome.told["changes"])

    def down(self, *, keep_data: bool = False) -> dict[str, int]:
        """`pilothouse down` in this process; nothing stays the same by it."""
        stack = self._opened()
        commands.down.run(stack, _Outcome(), stack.engine.state(), keep_data=keep_data)
        return {}

    def shown_before_down(self) -> str:
        """What `pilothouse down` says that it would delete."""
        outcome = _Outcome()
        commands.down.show(self._opened(), outcome, keep_data=False)
        return outcome.said

    def _opened(self) -> OpenedStack:
        return OpenedStack.open(self.stack.project, self.stack.name, today=_today())


class _Outcome(Report):
    """A report that nobody reads but the test."""

    def __init__(self) -> None:
        super().__init__(as_json=False)
        self._text = io.StringIO()
        self.console = Console(file=self._text, width=200)
        self.told: Mapping[str, Any] = {}

    @property
    def said(self) -> str:
        """What a person would have read."""
        return self._text.getvalue()

    def document(self, document: Mapping[str, Any]) -> None:
        self.told = document


@contextmanager
def stage(control: Path, *, spawned: bool = False) -> Iterator[Stage]:
    """The default stack before an empty account; all of it goes.

    control: the folder of the faults. With `spawned`, the engine starts the provider.
    """
    # The provider's thread and the program would else import the SDK's modules at one time.
    import_module("pilothouse.targets.aws.components.foundation")
    with account_in(control, spawned=spawned) as cloud, project_folder() as project:
        _name_plugin(project / "Pulumi.yaml")
        variables = {**cloud.variables, "PULUMI_HOME": str(project / ".pulumi-home")}
        made = Stage(AccountStack(project, STACK, 0, variables), cloud)
        made.configure()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in made.stack.environment().items():
                patch.setenv(name, value)
            try:
                yield made
            finally:
                end_all(made.stack)


def _name_plugin(file: Path) -> None:
    described = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**described, "plugins": plugin.project_plugins("aws")}))
