"""What holds data outlives edits: no command deletes or replaces it unless it is told to."""

from __future__ import annotations

import pytest

from tests.targets.toy.toy_stack import ToyStack

pytestmark = pytest.mark.engine


@pytest.fixture
def edited(stack: ToyStack) -> ToyStack:
    """A stack that is up, and whose platform was renamed afterwards."""
    stack.run("up")
    file = stack.project / "platform.yaml"
    file.write_text(file.read_text().replace("name: ", "name: other-", 1))
    return stack


def test_an_edit_that_replaces_data_changes_nothing_and_names_them(edited: ToyStack) -> None:
    before = edited.contents()
    refused = edited.run("up", expect=2)
    for kind in ("bucket", "register"):
        assert f"data would be lost: Thing {kind} would be replaced (its name changed)" in refused
    assert "--allow-data-loss" in refused
    assert edited.contents() == before


def test_a_preview_marks_the_data_and_changes_nothing(edited: ToyStack) -> None:
    before = edited.contents()
    found = edited.json("preview")
    assert found["changes"]["replace"] == 4
    assert found["data_losses"] == [
        "Thing bucket would be replaced (its name changed)",
        "Thing register would be replaced (its name changed)",
    ]
    assert edited.contents() == before


def test_raw_pulumi_refuses_too(edited: ToyStack) -> None:
    before = edited.things()
    edited.pulumi("up", "--yes", "--skip-preview", fails=True)
    edited.pulumi("destroy", "--yes", "--skip-preview", fails=True)
    assert {
        kind: before[kind] for kind in ("bucket", "register")
    }.items() <= edited.things().items()


def test_told_so_it_replaces_the_data_and_protects_the_new(edited: ToyStack) -> None:
    before = edited.things()
    edited.run("up", "--allow-data-loss")
    assert set(edited.things().values()).isdisjoint(before.values())
    assert edited.protected() == {"bucket", "register"}
    edited.run("down", "--yes")
    assert not edited.contents()


def test_down_deletes_what_was_set_up_whatever_the_files_say_now(edited: ToyStack) -> None:
    (edited.project / "stacks" / f"Pulumi.{edited.name}.yaml").unlink()
    listed = edited.json("list")["stacks"]
    assert [(stack["name"], stack["target"], stack["file"]) for stack in listed] == [
        (edited.name, "toy", "")
    ]
    bare = "/usr/bin:/bin"  # of a shell that does not know the project's tools
    assert "pipeline" in edited.run("status", PATH=bare)
    edited.run("list", PATH=bare)
    proof = edited.json("down", "--yes")
    assert proof["looked_for"] == ["thing"]
    assert not edited.contents()
    assert edited.json("list")["stacks"] == []


def test_data_that_an_edit_leaves_out_are_deleted_only_if_told_so(stack: ToyStack) -> None:
    stack.set_target(archive=True)
    stack.run("up")
    stack.set_target()
    lost = ["Thing archive would be deleted"]
    assert stack.json("preview")["data_losses"] == lost
    assert f"data would be lost: {lost[0]}" in stack.run("up", expect=2)
    assert "archive" in stack.things()
    stack.run("up", "--allow-data-loss")
    assert set(stack.things()) == {"bucket", "machine", "pipeline", "register"}
    stack.run("down", "--yes")
