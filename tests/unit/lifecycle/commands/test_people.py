"""`people` shows accounts, and their passwords on request; who has none gets no new one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from pilothouse.contract import CAPABILITIES
from pilothouse.errors import Refused
from pilothouse.lifecycle.commands import people
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.report import contract_document
from pilothouse.lifecycle.stack import Stack
from tests.unit.lifecycle.still_stack import CAPABILITY, StillEngine, TextReport, still_stack

ANN = "ann@example.org"
ACCESS = (
    f"access: {{people: [{{email: {ANN}, role: admin}}, {{email: new@example.org, role: user}}]}}"
)
PASSWORD = "whispered"


class PeopledEngine(StillEngine):
    """An engine of a stack on which Ann has accounts."""

    @override
    def outputs(self) -> dict[str, Any]:
        with_people = replace(CAPABILITY, people={ANN: PASSWORD}).exported()
        plain = CAPABILITY.exported()
        served = ("tracking", "orchestration")
        return {
            "contract": {name: with_people if name in served else plain for name in CAPABILITIES}
        }


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    opened = still_stack(tmp_path)
    file = tmp_path / "platform.yaml"
    file.write_text(f"{file.read_text()}{ACCESS}\n")
    with_people = Stack.open(tmp_path, "local", today=None).plan
    return replace(opened, plan=with_people, engine=PeopledEngine(StackState(exists=True)))


def test_accounts_are_shown_without_their_passwords(stack: Stack) -> None:
    report = TextReport()
    people.run(stack, report, show_secrets=False)
    assert report.lines == [f"{ANN}  admin  password (hidden; --show-secrets shows it)"]
    assert report.told == {"people": {ANN: {"role": "admin"}}}


def test_passwords_are_shown_where_they_are_asked_for(stack: Stack) -> None:
    report = TextReport()
    people.run(stack, report, show_secrets=True)
    assert report.lines == [f"{ANN}  admin  password {PASSWORD}"]
    assert report.told == {"people": {ANN: {"role": "admin", "password": PASSWORD}}}


@pytest.mark.parametrize("show", [False, True])
def test_no_other_command_shows_them(stack: Stack, show: bool) -> None:
    document = contract_document(stack.contract(), show_secrets=show)
    assert document["tracking"]["people"] == [ANN]
    assert PASSWORD not in str(document)


@pytest.mark.parametrize("name", ["new@example.org", "an@example.org"])
def test_who_has_no_account_yet_gets_no_new_password(stack: Stack, name: str) -> None:
    with pytest.raises(Refused, match=f"local has no account '{name}'; .*{ANN}"):
        people.rotate(stack, TextReport(), [ANN, name], show_secrets=False)


def test_a_stack_without_people_says_where_they_are_listed(tmp_path: Path) -> None:
    report, empty = TextReport(), still_stack(tmp_path)
    people.run(empty, report, show_secrets=True)
    (line,) = report.lines
    assert line.startswith("local has no accounts of people: list people under access.people")
    assert report.told == {"people": {}}
    with pytest.raises(Refused, match=r"list people under access\.people"):
        people.rotate(empty, TextReport(), [ANN], show_secrets=False)
