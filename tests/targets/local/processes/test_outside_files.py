"""Files outside a stack's folder: whose they are, and that no other stack's is taken for one."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pilothouse.targets.local.processes import outside_files
from tests.targets.local.machine import mode_of, read_line, started

LISTEN = (
    "import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); "
    "s.listen(); print('ready', flush=True); time.sleep(60)"
)


@contextmanager
def listening(path: Path, folder: Path) -> Iterator[None]:
    """A process that works in `folder` and listens on the socket."""
    with started([sys.executable, "-c", LISTEN, str(path)], folder) as process:
        read_line(process)
        yield


def recorded(folder: Path, *paths: Path) -> Path:
    """The home of a stack whose store has these paths on record."""
    home = folder / "stack"
    working = home / "services" / "store"
    working.mkdir(parents=True)
    outside_files.record(working, [str(path) for path in paths])
    return home


def test_a_file_on_record_belongs_to_the_stack_and_no_other_does(folder: Path) -> None:
    home = recorded(folder, folder / "1.sock", folder / "absent.sock")
    for name in ("1.sock", "2.sock"):
        (folder / name).touch()
    assert outside_files.owned(home) == [folder / "1.sock"]


def test_a_service_has_those_of_its_own_record_only(folder: Path) -> None:
    home = recorded(folder, folder / "1.sock")
    (folder / "1.sock").touch()
    assert outside_files.owned(home, "store") == [folder / "1.sock"]
    assert outside_files.owned(home, "other") == []


def test_a_socket_on_which_the_stack_listens_belongs_to_it(folder: Path) -> None:
    home = recorded(folder, folder / "1.sock")
    with listening(folder / "1.sock", home / "services" / "store"):
        assert outside_files.owned(home) == [folder / "1.sock"]


def test_a_socket_on_which_another_stack_listens_does_not(folder: Path) -> None:
    home = recorded(folder, folder / "1.sock")
    other = folder / "other"
    other.mkdir()
    with listening(folder / "1.sock", other):
        assert outside_files.owned(home) == []


def test_a_stack_without_a_record_has_none(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "1.sock"))
        assert outside_files.owned(folder / "stack") == []


def test_only_its_owner_can_read_a_record(folder: Path) -> None:
    home = recorded(folder, folder / "1.sock")
    record = home / "services" / "store" / outside_files.RECORD
    assert mode_of(record) == 0o600
