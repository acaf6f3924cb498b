"""A target from outside of pilothouse, through the real engine: preview, up, verify, down."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from testkit.support.stacks import Stack, end_all, project_folder, write_stack_file

pytestmark = pytest.mark.engine

PACKAGE = Path(__file__).parent / "package"


@dataclass(frozen=True)
class ToyStack(Stack):
    """A stack whose target is installed beside pilothouse."""

    @property
    def cloud(self) -> Path:
        """The folder that is its cloud."""
        return self.project / "cloud"

    def environment(self) -> dict[str, str]:
        """The caller's, with the package on Python's path."""
        return {**super().environment(), "PYTHONPATH": os.fspath(PACKAGE)}

    def things(self) -> dict[str, Path]:
        """The files of the cloud's things, by their kind."""
        found = {path: json.loads(path.read_text()) for path in self.cloud.glob("*.json")}
        return {thing["kind"]: path for path, thing in found.items()}


@pytest.fixture
def stack() -> Iterator[ToyStack]:
    with project_folder() as project:
        made = ToyStack(project, "pilot", 0)
        write_stack_file(project, made.name, "toy", {})
        yield made
        end_all(made)


def test_a_preview_makes_nothing(stack: ToyStack) -> None:
    found = stack.json("preview")
    assert found["changes"]["create"] > 4
    assert not stack.cloud.exists()


def test_doctor_hands_the_graph_to_its_preflight(stack: ToyStack) -> None:
    checks = {check["name"]: check for check in stack.json("doctor")["checks"]}
    assert checks["cloud"]["detail"].startswith("4 things in ")


def test_it_is_set_up_proved_and_taken_away(stack: ToyStack) -> None:
    stack.run("up", "--verify")
    assert len(stack.things()) == 4
    assert stack.json("preview", "--expect-no-changes")["changes"].keys() == {"same"}
    status = stack.json("status")
    assert {service["name"] for service in status["services"]} == {
        "bucket", "machine", "pipeline", "register",
    }  # fmt: skip
    proof = stack.json("verify")
    assert [evidence["place"] for evidence in proof["evidence"]] == [
        "bucket", "orchestrator", "tracking", "registry",
    ]  # fmt: skip
    stack.run("down", "--yes")
    assert list(stack.cloud.iterdir()) == []


def test_what_is_gone_from_the_cloud_is_named_by_verify_and_healed_by_up(stack: ToyStack) -> None:
    stack.run("up")
    stack.things()["pipeline"].unlink()
    assert "pipeline: " in stack.run("verify", expect=3)
    stack.run("up")
    stack.run("verify")
    kept = stack.json("down", "--yes", "--keep-data")["kept"]
    assert len(kept) == 2
    assert set(stack.things()) == {"bucket", "register"}
    stack.run("up")
    assert len(stack.things()) == 4
    stack.run("down", "--yes")
    assert list(stack.cloud.iterdir()) == []
