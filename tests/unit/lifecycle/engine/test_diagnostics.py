"""What is kept of the engine's events, and the message that an operation's failure gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi.automation import CommandError
from pulumi.automation._cmd import CommandResult
from pulumi.automation.events import DiagnosticEvent, EngineEvent

from pilothouse.lifecycle.engine import failure
from pilothouse.lifecycle.engine.diagnostics import Diagnostics

JOB = "urn:pulumi:pilot::pilothouse::pilothouse:index:Platform$pilothouse:index:Job::migration"
PROGRAM = "urn:pulumi:pilot::pilothouse::pulumi:pulumi:Stack::pilothouse-pilot"


def diagnostic(message: str, severity: str = "error", urn: str = "") -> EngineEvent:
    event = DiagnosticEvent(message=message, color="", severity=severity, urn=urn)
    return EngineEvent(sequence=1, timestamp=1, diagnostic_event=event)


def message(log: Path, *events: EngineEvent, code: int = 255, stdout: str = "") -> str:
    with Diagnostics(log) as said:
        for event in events:
            said.note(event)
        result = CommandResult(stdout=stdout, stderr="error: of pulumi", code=code)
        return failure.describe(said, *said.note_end(CommandError(result)))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "pilot.log"


def test_an_error_has_its_resource_once_the_log_and_the_remedy(log: Path) -> None:
    lost = diagnostic("<{%fg 1%}>Exception calling application: no room<{%reset%}>\n", urn=JOB)
    text = message(log, lost, lost, diagnostic("update failed", urn=PROGRAM))
    assert text.splitlines() == [
        "Job migration: no room",
        f"the whole output is in {log}",
        f"what to do: correct what the error names, {failure.AGAIN}",
    ]


def test_the_log_is_private_and_without_standard_output(log: Path) -> None:
    log.parent.mkdir()
    log.write_text("of an earlier operation")
    log.chmod(0o644)
    text = message(log, diagnostic("it failed"), stdout='{"password": "opensesame"}')
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.read_text() == "error: it failed\nerror: of pulumi\npulumi ended with 255\n"
    assert "opensesame" not in text


def test_a_log_that_cannot_be_written_is_not_named(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    text = message(tmp_path / "logs" / "pilot.log", diagnostic("it failed"))
    assert text.startswith("it failed\nwhat to do: ")


def test_without_an_event_standard_error_counts(log: Path) -> None:
    assert message(log).startswith("of pulumi\n")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Program exited with non-zero exit code: 3", "the Pulumi program exited with code 3"),
        ("program was ended by a signal: signal: aborted (core dumped)", "was ended by SIGABRT"),
        ("write /x/pilot.json: no space left on device", "the disk is full"),
        ("error reading from server: EOF", "a provider plugin died while it worked on Job migra"),
    ],
)
def test_what_the_engine_says_becomes_a_cause_and_a_remedy(log: Path, said: str, told: str) -> None:
    text = message(log, diagnostic(said, urn=JOB))
    assert told in text.splitlines()[0]
    assert text.endswith(failure.AGAIN)


@pytest.mark.parametrize("said", ["connection refused", "dial tcp 192.0.2.1:443: i/o timeout"])
def test_an_error_of_the_network_is_no_death_of_a_plugin(log: Path, said: str) -> None:
    assert message(log, diagnostic(said, urn=JOB)).startswith(f"Job migration: {said}\n")


def test_a_long_traceback_has_its_end(log: Path) -> None:
    frames = "".join(f'  File "/of/ours.py", line {n}, in f{n}\n' for n in range(60))
    trace = f"Traceback (most recent call last):\n{frames}KeyError: 'x'"
    text = message(log, diagnostic(f"Program failed with an unhandled exception:\n{trace}"))
    assert "in f59\nKeyError: 'x'\n" in text
    assert "in f30\n" not in text
    assert "what to do: correct /of/ours.py:59, " in text


CHAINED = (
    "Traceback (most recent call last):\n"
    '  File "plugin.py", line 3, in create\n'
    "    start()\n"
    "OSError: port in use\n\n"
    "The above exception was the direct cause of the following exception:\n\n"
    "Traceback (most recent call last):\n"
    '  File "plugin.py", line 5, in create\n'
    "    raise error from cause\n"
)


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("pilothouse.errors.Refused: not possible:\n  why\n", "not possible:\n  why"),
        ("KeyError: 'name'\n", "KeyError: 'name'"),
    ],
)
def test_an_exception_in_a_plugin_is_told_without_its_frames(
    log: Path, raised: str, told: str
) -> None:
    said = message(log, diagnostic(CHAINED + raised, urn=JOB))
    assert said.startswith(f"Job migration: {told}\n")
    assert "Traceback" not in said
    assert CHAINED in log.read_text()
