"""A local stack seen without its state: preflight checks, and what of it still exists."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pilothouse.targets.local.operations import target
from pilothouse.targets.local.processes import process_table
from pilothouse.targets.local.processes.layout import PORTS, Layout
from pilothouse.targets.local.resources.home import KEPT
from tests.targets.local.machine import free_ports


@pytest.fixture
def layout(folder: Path) -> Layout:
    return Layout(folder / "stack", folder / "environments", free_ports(len(PORTS)))


@pytest.fixture
def listening(layout: Layout) -> Iterator[socket.socket]:
    """This process on the port of MLflow."""
    with socket.create_server(("127.0.0.1", layout.port("mlflow"))) as server:
        yield server


def test_free_ports_pass_and_each_is_named(layout: Layout) -> None:
    checks = list(target._port_checks(layout))
    assert [check.name for check in checks] == [f"port {layout.port(p)} for {p}" for p in PORTS]
    assert {(check.ok, check.detail) for check in checks} == {(True, "free or used by this stack")}


@pytest.mark.usefixtures("listening")
def test_a_taken_port_fails_with_the_process_that_has_it(layout: Layout) -> None:
    (failed,) = (check for check in target._port_checks(layout) if not check.ok)
    assert failed.name == f"port {layout.port('mlflow')} for mlflow"
    assert failed.detail.startswith(f"in use by process {os.getpid()} (")
    assert "`basePort`" in failed.remedy


@pytest.mark.usefixtures("listening")
def test_a_port_of_the_stack_itself_passes(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    layout.home.mkdir()
    monkeypatch.chdir(layout.home)
    assert all(check.ok for check in target._port_checks(layout))


@pytest.mark.parametrize(("free", "ok"), [(target.DISK_NEEDED, True), (4 * 10**9, False)])
def test_the_disk_of_the_nearest_existing_folder_is_checked(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, free: int, ok: bool
) -> None:
    asked: list[Path] = []

    def usage(folder: Path) -> Any:
        asked.append(folder)
        return SimpleNamespace(free=free)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    check = target._disk_check(layout)
    assert (check.ok, asked) == (ok, [layout.home.parent])
    assert check.detail == f"{free >> 30} GiB free"


@pytest.mark.parametrize(("free", "ok"), [(target.MEMORY_NEEDED, True), (10**9, False)])
def test_the_available_memory_is_checked(
    monkeypatch: pytest.MonkeyPatch, free: int, ok: bool
) -> None:
    monkeypatch.setattr(process_table, "available_memory", lambda: free)
    check = target._memory_check()
    assert (check.ok, check.detail) == (ok, f"{free >> 20} MiB available")


@pytest.mark.parametrize(
    ("uid", "user", "ok", "detail"),
    [
        (0, "nobody", True, "user 'nobody' exists"),
        (0, "no-such-user", False, "user 'no-such-user' does not exist"),
        (1000, "no-such-user", True, "not used: pilothouse does not run as root"),
    ],
)
def test_the_user_of_postgres_has_to_exist_for_root(
    monkeypatch: pytest.MonkeyPatch, uid: int, user: str, ok: bool, detail: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    plan: Any = SimpleNamespace(settings=SimpleNamespace(postgres_user=user))
    check = target._user_check(plan)
    assert (check.ok, check.detail) == (ok, detail)


@pytest.mark.usefixtures("listening")
def test_a_port_with_a_listener_is_a_leftover(layout: Layout) -> None:
    (leftover,) = target._ports(layout)
    assert (leftover.kind, leftover.name) == ("port", str(layout.port("mlflow")))
    assert leftover.detail.startswith(f"process {os.getpid()} (")


def test_no_file_is_left_where_there_is_no_folder(layout: Layout) -> None:
    assert list(target._files(layout.home, ())) == []


def test_every_file_and_the_folder_are_leftovers(layout: Layout) -> None:
    for name in ("data", "log"):
        (layout.home / name).mkdir(parents=True)
    leftovers = [(item.name, item.verdict) for item in target._files(layout.home, ())]
    paths = [layout.home / "data", layout.home / "log", layout.home]
    assert leftovers == [(str(path), "present") for path in paths]


def test_retained_data_are_kept_and_nothing_else_is(layout: Layout) -> None:
    for name in (*KEPT, "log"):
        (layout.home / name).mkdir(parents=True)
    leftovers = {Path(item.name).name: item.verdict for item in target._files(layout.home, KEPT)}
    assert leftovers == {**dict.fromkeys(KEPT, "kept"), "log": "present"}


def test_the_sockets_of_seaweedfs_on_the_stacks_ports_are_found(layout: Layout) -> None:
    ours = Path(f"/tmp/seaweedfs-filer-grpc-{layout.port('filer-grpc')}.sock")
    other = Path(f"/tmp/seaweedfs-filer-grpc-{layout.base_port - 1}.sock")
    for path in (ours, other):
        path.touch()
    try:
        assert target._sockets(layout) == [ours]
    finally:
        ours.unlink()
        other.unlink()
