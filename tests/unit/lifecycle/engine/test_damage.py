"""A damaged state is told from one that cannot be reached, and its error has what can be done."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from pilothouse.lifecycle.engine import damage

READ = "error: failed to load checkpoint: "
CUT = READ + "place 1: unexpected end of JSON input"
CONTRADICTION = (
    "error: The Pulumi CLI encountered a snapshot integrity error. This is a bug!\n"
    "Error:             getting stack configuration: get stack secrets manager: snapshot integrity "
    "failure; refusing to use it: duplicate resource urn:a (not marked for deletion)\n"
    "Stack Trace:\ngoroutine 1 [running]:\n"
)


def found_in(message: str) -> damage.Damage:
    found = damage.damage_in(message)
    assert found
    return found


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (CUT, "place 1: unexpected end of JSON input"),
        (READ + "place 1: invalid character 'h' looking for", "place 1: invalid character 'h' loo"),
        (READ + "json: cannot unmarshal number into Go struct", "json: cannot unmarshal number"),
        (READ + "unexpected EOF", "unexpected EOF"),
        (READ + "gzip: invalid checksum", "gzip: invalid checksum"),
        (
            "error: could not deserialize deployment: resource missing required 'urn' field",
            "resource missing required 'urn' field",
        ),
        (CONTRADICTION, "duplicate resource urn:a (not marked for deletion)"),
    ],
)
def test_what_is_damaged_is_named(message: str, reason: str) -> None:
    assert found_in(message).reason.startswith(reason)


@pytest.mark.parametrize(
    "message",
    [
        READ + 'blob (key "pilot.json") (code=Unknown): permission denied',
        READ + "blob (code=Unknown): dial tcp 10.0.0.1:443: connect: connection refused",
        READ + "unsupported checkpoint version 99",
        "error: could not deserialize deployment: constructing secrets manager: no such key",
        "Job migration: resource missing required 'name' field",
        "Job migration: invalid character '<' looking for beginning of value",
    ],
)
def test_other_failures_are_no_damage(message: str) -> None:
    assert damage.damage_in(message) is None


def test_the_remedies_are_commands(tmp_path: Path) -> None:
    file, copies = tmp_path / "the state.json", [tmp_path / "newest", tmp_path / "older"]
    copies[0].touch()
    os.utime(copies[0], (0, 0))
    said = str(damage.damaged("pilot", found_in(CUT), str(file), file, copies))
    assert f"the state of pilot is damaged ({file}): place 1: unexpected end" in said
    assert "as it was at 1970-01-01 00:00:00 UTC" in said
    assert f"`cp {copies[0]} {shlex.quote(str(file))}`" in said
    assert "`pilothouse down pilot`" in said
    assert "repair" not in said


def test_only_a_contradiction_can_be_repaired(tmp_path: Path) -> None:
    said = str(damage.damaged("pilot", found_in(CONTRADICTION), "s3://states", None, []))
    assert '`eval "$(pilothouse env pilot)" && pulumi state repair --stack pilot`' in said
    assert "goroutine" not in said
