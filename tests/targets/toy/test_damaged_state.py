"""With a damaged state, commands name it and the remedies, and `down` works without it."""

from __future__ import annotations

import copy
import gzip
import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.targets.toy.toy_stack import ToyStack

pytestmark = pytest.mark.engine

Resources = list[dict[str, Any]]


def state_of(stack: ToyStack) -> Path:
    (found,) = (stack.project / ".pilothouse" / "state").rglob("stacks/*/pilot.json")
    return found


def remains_of(stack: ToyStack) -> list[Path]:
    files = (stack.project / ".pilothouse" / "state").rglob("pilot*")
    return [file for file in files if file.is_file()]


def with_resources(change: Callable[[Resources], object]) -> Callable[[str], str]:
    """A state whose resources were changed."""

    def damage(whole: str) -> str:
        state = copy.deepcopy(json.loads(whole))
        change(state["checkpoint"]["latest"]["resources"])
        return json.dumps(state)

    return damage


DAMAGES: dict[str, tuple[Callable[[str], str], str]] = {
    "empty": (lambda _: "", "unexpected end of JSON input"),
    "another document": (lambda _: "[]", "cannot unmarshal array"),
    "an empty object": (lambda _: "{}", "it has no checkpoint"),
    "null": (lambda _: "null", "it has no checkpoint"),
    "a resource without a URN": (with_resources(lambda r: r[3].pop("urn")), "required 'urn' field"),
    "a missing parent": (with_resources(lambda r: r.pop(0)), "refers to missing parent"),
    "a resource twice": (with_resources(lambda r: r.append(r[3])), "duplicate resource"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_down_deletes_by_name_and_keeps_the_damaged_state(stack: ToyStack, damage: str) -> None:
    stack.run("up")
    change, reason = DAMAGES[damage]
    file = state_of(stack)
    damaged = change(file.read_text())
    file.write_text(damaged)
    refused = stack.run("down", "--yes", "--keep-data", expect=2)
    assert "--keep-data keeps the data's own keys" in refused
    assert len(stack.things()) == 4
    output = stack.run("down", "--yes")
    assert f"the state of pilot is damaged ({file}): " in output
    assert reason in output
    assert "by its names, labels and tags" in output
    assert "no thing of it is left" in output
    assert stack.things() == {}
    assert remains_of(stack) == []
    (kept,) = (stack.project / ".pilothouse" / "damaged-states").iterdir()
    assert f"the damaged state is kept as {kept}" in output
    assert kept.read_text() == damaged
    assert kept.stat().st_mode & 0o777 == 0o600
    stack.run("up")
    stack.run("down", "--yes")


def test_commands_name_what_is_damaged_and_change_nothing(stack: ToyStack) -> None:
    stack.run("up")
    file = state_of(stack)
    file.write_text(file.read_text()[:500])
    before = stack.contents()
    for command in ("up", "preview", "status", "verify"):
        output = stack.run(command, expect=2)
        errors = output[output.index("error:") :]
        assert f"the state of pilot is damaged ({file}): " in errors
        assert "restore it as it was at " in errors
        assert "`pilothouse down pilot`" in errors
        assert "Traceback" not in output
    assert stack.run("status", expect=2).count("running") == 4
    assert stack.contents() == before


def test_the_printed_remedy_restores_the_state(stack: ToyStack) -> None:
    stack.run("up")
    file = state_of(stack)
    whole = file.read_text()
    file.write_text(whole[:500])
    output = stack.run("preview", expect=2)
    command = next(part for part in output.split("`") if part.startswith("cp "))
    subprocess.run(shlex.split(command), check=True)
    assert file.read_text() == whole
    stack.run("preview", "--expect-no-changes")


def test_a_contradictory_state_is_repaired_by_the_engines_own_command(stack: ToyStack) -> None:
    stack.run("up")
    file = state_of(stack)
    file.write_text(with_resources(lambda r: r.reverse())(file.read_text()))
    output = stack.run("preview", expect=2)
    assert 'eval "$(pilothouse env pilot)" && pulumi state repair --stack pilot' in output
    assert "goroutine" not in output
    stack.pulumi("state", "repair", "--yes")
    stack.run("preview", "--expect-no-changes")


def test_without_a_whole_copy_the_remedy_is_down(stack: ToyStack) -> None:
    stack.run("up")
    folder = stack.project / ".pilothouse" / "state"
    for file in folder.rglob("*pilot*json*"):
        file.write_text("")
    output = stack.run("up", expect=2)
    assert "no whole copy of it was found" in output
    assert "cp " not in output
    stack.run("down", "--yes")
    assert stack.things() == {}


def test_a_compressed_state_that_was_cut_is_damaged_too(
    stack: ToyStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ToyStack.environment
    monkeypatch.setattr(
        ToyStack, "environment", lambda self: {**plain(self), "PULUMI_DIY_BACKEND_GZIP": "true"}
    )
    stack.run("up")
    (file,) = (stack.project / ".pilothouse" / "state").rglob("stacks/*/pilot.json.gz")
    assert json.loads(gzip.decompress(file.read_bytes()))
    file.write_bytes(file.read_bytes()[:200])
    output = stack.run("up", expect=2)
    assert f"the state of pilot is damaged ({file}): " in output
    assert "restore it as it was at " in output
    stack.run("down", "--yes")
    assert stack.things() == {}
    assert remains_of(stack) == []


def test_a_damaged_state_hides_no_other_stack(stack: ToyStack) -> None:
    stack.run("up")
    (stack.project / "stacks" / "Pulumi.other.yaml").write_text(
        (stack.project / "stacks" / "Pulumi.pilot.yaml").read_text()
    )
    state_of(stack).write_text("")
    output = stack.run("list")
    assert "the state of pilot is damaged" in output
    (pilot,) = (line for line in output.splitlines() if line.startswith("pilot "))
    assert pilot.split()[:4] == ["pilot", "toy", "churn", "?"]
    assert any(line.startswith("other ") for line in output.splitlines())


def test_down_deletes_what_the_last_up_named_though_the_files_changed(stack: ToyStack) -> None:
    stack.run("up")
    platform = stack.project / "platform.yaml"
    platform.write_text(platform.read_text().replace("name: churn", "name: other"))
    assert "name: other" in platform.read_text()
    state_of(stack).write_text("")
    stack.run("down", "--yes")
    assert stack.things() == {}
