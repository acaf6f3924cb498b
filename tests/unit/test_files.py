"""A file is written whole, and for its owner alone where it is private."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.files import write_atomically


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("private", "expected"), [(True, 0o600), (False, 0o644)])
def test_the_mode_is_the_users_or_private(tmp_path: Path, private: bool, expected: int) -> None:
    path = tmp_path / "new" / "folder" / "file"
    write_atomically(path, "größer\n", private=private)
    assert path.read_text(encoding="utf-8") == "größer\n"
    assert mode(path) == expected
    assert mode(path.parent) == 0o700


def test_a_file_is_replaced_with_its_mode_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    write_atomically(path, "after", private=True)
    assert (path.read_text(), mode(path)) == ("after", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_of_the_file_before_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    with path.open() as reader:
        write_atomically(path, "after")
        assert reader.read() == "before"


def test_where_it_cannot_be_written_whole_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "after \udcff")
    assert path.read_text() == "before"
