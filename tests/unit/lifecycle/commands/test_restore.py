"""Which backup a `restore` takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typing_extensions import override

from pilothouse.errors import Refused
from pilothouse.lifecycle.commands import restore
from pilothouse.targets.interface import Backup
from tests.unit.lifecycle.still_stack import EmptyTarget, TextReport, still_stack

OLDER, NEWER = "20261124T020000Z", "20261125T020000Z"


class BackedUp(EmptyTarget):
    """A target with these backups."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names

    @override
    def backups(self) -> list[Backup]:
        return [Backup(name=name, bytes=2_500_000) for name in self.names]


def choose(folder: Path, name: str | None, *names: str) -> str:
    return restore.choose_backup(still_stack(folder, BackedUp(*names)), TextReport(), name).name


def test_the_newest_backup_is_the_default(tmp_path: Path) -> None:
    assert choose(tmp_path, None, OLDER, NEWER) == NEWER


def test_a_backup_can_be_named(tmp_path: Path) -> None:
    assert choose(tmp_path, OLDER, OLDER, NEWER) == OLDER


def test_an_unknown_backup_is_refused_with_the_existing_ones(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f"no backup '2026'; .*{OLDER}, {NEWER}"):
        choose(tmp_path, "2026", OLDER, NEWER)


def test_without_a_backup_nothing_is_changed(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="local has no backup: nothing was changed"):
        choose(tmp_path, None)


def test_a_target_without_backups_says_why(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="backups are not supported on this target"):
        restore.list_backups(still_stack(tmp_path), TextReport())


@pytest.mark.parametrize(("names", "said"), [([OLDER], "1 backup"), ([], "0 backups")])
def test_backups_are_listed_with_their_sizes(tmp_path: Path, names: list[str], said: str) -> None:
    report = TextReport()
    restore.list_backups(still_stack(tmp_path, BackedUp(*names)), report)
    assert report.lines == [f"local has {said}", *(f"  {name}  2.5 MB" for name in names)]
