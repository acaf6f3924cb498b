"""What a run leaves in the journal: the creates that were not seen to succeed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi.automation.events import EngineEvent

from pilothouse.lifecycle.engine.journal import Journal
from pilothouse.targets.interface import PendingCreate

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
STATE = {"resources": [{"urn": "urn:stack", "type": "pulumi:pulumi:Stack"}]}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal" / "aws.json")


def event(name: str, kind: str, op: str = "create") -> EngineEvent:
    step = {"op": op, "urn": urn(kind), "type": kind, "provider": ""}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, name: {"metadata": step}})


def urn(kind: str) -> str:
    return f"urn:pulumi:aws::pilothouse::{kind}::one"


def begun(kind: str, op: str = "create") -> EngineEvent:
    return event("resourcePreEvent", kind, op)


def done(kind: str, op: str = "create") -> EngineEvent:
    return event("resOutputsEvent", kind, op)


def failed(kind: str) -> EngineEvent:
    return event("resOpFailedEvent", kind)


END = EngineEvent.from_json({"sequence": 1, "timestamp": 1, "cancelEvent": {}})


def run(journal: Journal, *events: EngineEvent) -> None:
    with journal.recording(lambda _event: None) as listen:
        for each in events:
            listen(each)


def began(*kinds: str) -> tuple[PendingCreate, ...]:
    return tuple(PendingCreate(urn=urn(kind), type=kind) for kind in kinds)


def test_a_run_in_which_all_went_well_leaves_no_journal(journal: Journal) -> None:
    run(journal, begun(VPC), done(VPC), begun(SUBNET, "update"), END)
    assert not journal.path.exists()
    assert journal.unfinished() == ()


def test_a_create_that_failed_is_told_of_since_it_may_have_had_its_effect(journal: Journal) -> None:
    run(journal, begun(VPC), done(VPC), begun(SUBNET), failed(SUBNET), END)
    assert journal.unfinished() == began(SUBNET)


def test_the_replacement_of_a_resource_is_a_create(journal: Journal) -> None:
    run(journal, begun(VPC, "create-replacement"), failed(VPC), END)
    assert journal.unfinished() == began(VPC)


@pytest.mark.parametrize("op", ["update", "delete", "same", "refresh", "replace"])
def test_what_makes_nothing_is_not_told_of(journal: Journal, op: str) -> None:
    run(journal, begun(VPC, op), failed(VPC), END)
    assert journal.unfinished() == ()


def test_a_run_whose_end_was_not_seen_says_that_nobody_knows(journal: Journal) -> None:
    run(journal, begun(VPC), done(VPC))
    assert journal.unfinished() is None


def test_an_interrupted_run_says_that_nobody_knows(journal: Journal) -> None:
    def interrupt(_event: EngineEvent) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), journal.recording(interrupt) as listen:
        listen(begun(VPC))
    assert journal.unfinished() is None


def test_a_killed_run_says_that_nobody_knows(journal: Journal) -> None:
    program = (
        "import sys, pathlib\n"
        "from pilothouse.lifecycle.engine.journal import Journal\n"
        "with Journal(pathlib.Path(sys.argv[1])).recording(print):\n"
        "    print('begun', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(journal.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"begun\n"
        os.kill(process.pid, signal.SIGKILL)
    assert journal.unfinished() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"began": [{}], "ended": true}', "null"])
def test_a_journal_that_was_cut_says_that_nobody_knows(journal: Journal, text: str) -> None:
    journal.path.parent.mkdir()
    journal.path.write_text(text)
    assert journal.unfinished() is None


def test_a_create_is_written_before_anyone_else_hears_of_it(journal: Journal) -> None:
    heard: list[list[str]] = []

    def hear(_event: EngineEvent) -> None:
        document = json.loads(journal.path.read_text())
        heard.append([each["type"] for each in document["began"]])

    with journal.recording(hear) as listen:
        for each in (begun(VPC), begun(SUBNET), done(VPC), END):
            listen(each)
    assert heard == [[VPC], [VPC, SUBNET], [SUBNET], [SUBNET]]
