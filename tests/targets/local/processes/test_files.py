"""Private files are written atomically, and read without an error."""

from pathlib import Path

from pilothouse.targets.local.processes import files
from tests.targets.local.machine import mode_of


def test_a_private_file_replaces_another_whole(folder: Path) -> None:
    path = folder / "new" / "file"
    files.write_private(path, "one")
    inode = path.stat().st_ino
    files.write_private(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_ino != inode
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_only_a_script_can_be_executed_and_nobody_else_reads_it(folder: Path) -> None:
    for text, mode in {"#!/bin/sh\n": 0o700, "text": 0o600}.items():
        files.write_private(folder / "file", text)
        assert mode_of(folder / "file") == mode


def test_a_file_that_cannot_be_read_holds_nothing(folder: Path) -> None:
    (folder / "binary").write_bytes(b"\xff\xfe")
    assert not files.holds(folder / "binary", "")
    assert not files.holds(folder / "missing", "")
    assert not files.holds(folder, "")
