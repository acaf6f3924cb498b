"""Without the passphrase of the state, `down` finds and deletes a whole stack by names and tags."""

from pathlib import Path

import pytest

from pilothouse.errors import Refused
from pilothouse.lifecycle import commands
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from tests.targets.aws.stage import stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


def test_down_leaves_nothing_in_the_account_and_up_starts_anew(tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        first = made.up()
        passphrase = made.stack.project / ".pilothouse" / "passphrase"
        passphrase.unlink()
        with pytest.raises(Refused, match=f"the passphrase file {passphrase} does not exist"):
            made.up()
        opened = Stack.open(made.stack.project, made.stack.name, today=None)
        report = Report(as_json=True)
        state = commands.down.show(opened, report, keep_data=False)
        assert not state.has_secrets
        commands.down.run(opened, report, state, keep_data=False)
        assert made.stack.traces() == []
        assert made.up() == first
        made.down()
