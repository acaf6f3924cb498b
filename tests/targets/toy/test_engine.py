"""A target from outside of pilothouse, through the real engine: preview, up, verify, down."""

from __future__ import annotations

import pytest

from tests.targets.toy.toy_stack import ToyStack

pytestmark = pytest.mark.engine


def test_a_preview_makes_nothing(stack: ToyStack) -> None:
    found = stack.json("preview")
    assert found["changes"]["create"] > 4
    assert not stack.cloud.exists()


def test_doctor_hands_the_graph_to_its_preflight(stack: ToyStack) -> None:
    checks = {check["name"]: check for check in stack.json("doctor")["checks"]}
    assert checks["cloud"]["detail"].startswith("4 things in ")


def test_down_counts_the_resources_that_a_preview_counts(stack: ToyStack) -> None:
    planned = stack.json("preview")["changes"]["create"]
    stack.run("up")
    assert f"the state has {planned} resources" in stack.run("down", "--yes")


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


def test_garbage_collection_is_refused_where_the_target_has_none(stack: ToyStack) -> None:
    stack.run("up")
    before = stack.contents()
    refused = stack.run("gc", "--yes", expect=2)
    assert "garbage collection is not supported on this target" in refused
    assert stack.contents() == before
    stack.run("down", "--yes")
