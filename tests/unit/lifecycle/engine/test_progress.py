"""What a command tells of the engine's work, from the engine's own events."""

import io
from typing import Any

from pulumi.automation.events import EngineEvent
from rich.console import Console

from pilothouse.lifecycle.engine.progress import Progress

KIND = "pulumi-python:dynamic/pilothouse:Service"
URN = f"urn:pulumi:local::pilothouse::{KIND}::mlflow"


def step(event: str, op: str, kind: str = KIND, **more: Any) -> dict[str, Any]:
    metadata = {"op": op, "urn": URN, "type": kind, "provider": "", **more}
    return {"sequence": 1, "timestamp": 1, event: {"metadata": metadata}}


def warning(message: str, **more: Any) -> dict[str, Any]:
    told = {"message": message, "color": "raw", "severity": "warning", **more}
    return {"sequence": 1, "timestamp": 1, "diagnosticEvent": told}


def told(*events: dict[str, Any], preview: bool = False, kept: tuple[str, ...] = ()) -> str:
    console = Console(file=io.StringIO(), width=200)
    with Progress(console, "setting up", preview=preview, kept=kept) as progress:
        for event in events:
            progress(EngineEvent.from_json(event))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def done(op: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return step("resourcePreEvent", op, **more), step("resOutputsEvent", op, **more)


def test_what_was_done_has_its_time() -> None:
    assert told(*done("create")) == "+ Service mlflow created 0.0 s\n"


def test_a_preview_says_what_would_be_done() -> None:
    assert told(*done("create"), preview=True) == "+ Service mlflow would be created\n"


def test_an_update_names_what_changed() -> None:
    assert "updated (ports, files)" in told(*done("update", diffs=["ports", "files"]))


def test_what_keeps_its_data_is_said_to_be_kept() -> None:
    assert told(*done("delete"), kept=("Service",)) == "· Service mlflow kept 0.0 s\n"
    assert told(*done("delete"), kept=("Bucket",)) == "- Service mlflow deleted 0.0 s\n"


REPLACEMENT = [
    event
    for op in ("delete-replaced", "replace", "create-replacement")
    for event in done(op, diffs=["ports"])
]


def test_a_preview_shows_a_replacement_as_one_change_with_its_reason() -> None:
    said = told(*REPLACEMENT, preview=True)
    assert said == "± Service mlflow would be replaced (ports)\n"


def test_a_run_shows_what_a_replacement_does_in_its_order() -> None:
    assert told(*REPLACEMENT).splitlines() == [
        "- Service mlflow deleted in its old form 0.0 s",
        "+ Service mlflow created anew 0.0 s",
    ]


def test_what_stays_and_what_only_groups_is_not_told() -> None:
    assert told(*done("same"), *done("create", kind="pilothouse:local:Storage")) == ""


def test_a_failure_is_told_at_once() -> None:
    failed = step("resOpFailedEvent", "create")
    assert told(step("resourcePreEvent", "create"), failed) == "✗ Service mlflow failed\n"


def test_a_warning_of_the_program_is_shown_as_text() -> None:
    assert told(warning("no digest: [mlflow]<{%reset%}>\n")) == "! no digest: [mlflow]\n"


def test_a_state_that_passes_is_no_warning() -> None:
    assert told(warning("containers with unready status: [mlflow]", ephemeral=True)) == ""


def test_a_repeated_warning_is_shown_once() -> None:
    assert told(*[warning("using the plugin on PATH")] * 3) == "! using the plugin on PATH\n"
