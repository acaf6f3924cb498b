"""Without the passphrase of its state, a stack is left alone by all commands but `down`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.targets.toy.toy_stack import ToyStack

pytestmark = pytest.mark.engine

NEED_SECRETS = ("up", "preview", "verify", "open", "env", "doctor", "status")


def passphrase_of(stack: ToyStack) -> Path:
    return stack.project / ".pilothouse" / "passphrase"


def state_of(stack: ToyStack) -> list[Path]:
    return list((stack.project / ".pilothouse" / "state" / ".pulumi" / "stacks").rglob("*.json*"))


@pytest.fixture(params=["missing", "wrong"])
def locked(request: pytest.FixtureRequest, stack: ToyStack) -> tuple[ToyStack, str]:
    """A stack that is up, and what is wrong with its passphrase."""
    stack.run("up")
    file = passphrase_of(stack)
    if request.param == "wrong":
        file.write_text("of another state")
        return stack, f"the passphrase in {file} is another one"
    file.unlink()
    return stack, f"the passphrase file {file} does not exist"


def test_commands_end_with_the_file_and_the_remedy_and_change_nothing(
    locked: tuple[ToyStack, str],
) -> None:
    stack, found = locked
    existed, before = passphrase_of(stack).exists(), stack.contents()
    # What only names variables or checks the machine does not open the state.
    unopened = ("env", "doctor") if existed else ()
    for command in NEED_SECRETS:
        if command in unopened:
            continue
        output = stack.run(command, expect=2)
        errors = output[output.index("error:") :]
        assert found in errors
        assert "restore the passphrase from a copy" in errors
        assert "`pilothouse down pilot`" in errors
        assert "Traceback" not in output
        assert "secrets manager" not in output
        assert passphrase_of(stack).exists() == existed, command
    assert stack.contents() == before


def test_what_needs_no_secrets_works(locked: tuple[ToyStack, str]) -> None:
    stack, _ = locked
    output = stack.run("status", expect=2)
    assert output.count("running") == 4
    assert "pilot until" in output
    assert "churn" in stack.run("list")


def test_down_deletes_by_name_clears_the_state_and_up_starts_anew(
    locked: tuple[ToyStack, str],
) -> None:
    stack, _ = locked
    refused = stack.run("down", "--yes", "--keep-data", expect=2)
    assert "--keep-data" in refused
    assert len(stack.things()) == 4
    output = stack.run("down", "--yes")
    assert "by its names, labels and tags" in output
    assert "the state of pilot is cleared" in output
    assert stack.things() == {}
    assert state_of(stack) == []
    stack.run("up")
    assert len(stack.things()) == 4
    stack.run("down", "--yes")


def test_a_stack_file_with_the_salt_of_another_passphrase_is_named(stack: ToyStack) -> None:
    stack.run("up")
    stack.run("down", "--yes")
    file = stack.project / "stacks" / "Pulumi.pilot.yaml"
    file.write_text(
        file.read_text()
        + "encryptionsalt: v1:l73rh0W+PPU=:v1:yBaORpF9TJ42UzLg:ZQP8BLDdtD0BzkAnHFA8xyTxUUyxSQ==\n"
    )
    refused = stack.run("up", expect=2)
    assert f"{file} has the encryptionsalt of another passphrase" in refused
    assert not stack.things()
