"""A local stack seen without its state: preflight checks, and what of it still exists."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from testkit.support.waiting import eventually

from pilothouse.config import platform_spec
from pilothouse.targets.interface import Leftover
from pilothouse.targets.local.operations import leftovers, target
from pilothouse.targets.local.operations.target import LocalOperations
from pilothouse.targets.local.processes import outside_files, process_table
from pilothouse.targets.local.processes.layout import PORTS, Layout
from pilothouse.targets.local.resources.home import KEPT, HomeProvider, make_mark
from pilothouse.targets.local.settings.target import LocalSettings
from tests.targets.local.machine import free_ports, started

SMALLEST = Path(__file__).parents[4] / "examples" / "minimal.yaml"


@pytest.fixture
def layout(folder: Path) -> Layout:
    return Layout(
        home=folder / "stack",
        environments=folder / "environments",
        dags=folder / "stack" / "dags",
        base_port=free_ports(len(PORTS)),
    )


@pytest.fixture
def listening(layout: Layout) -> Iterator[socket.socket]:
    """This process on the port of MLflow."""
    with socket.create_server(("127.0.0.1", layout.port("mlflow"))) as server:
        yield server


def test_free_ports_pass_and_each_is_named(layout: Layout) -> None:
    checks = list(target._port_checks(layout))
    assert [check.name for check in checks] == [f"port {layout.port(p)} for {p}" for p in PORTS]
    assert {(check.ok, check.detail) for check in checks} == {(True, "free or used by this stack")}


@pytest.mark.parametrize("dropped", ["setuid", "setgid"])
@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root and setpriv"
)
def test_a_root_that_cannot_change_the_user_is_refused(dropped: str) -> None:
    program = f"from {target.__name__} import _capability_check as c; print(c())"
    command = ["setpriv", f"--bounding-set=-{dropped}", sys.executable, "-c", program]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"root lacks CAP_{dropped.upper()}, and PostgreSQL" in found
    assert "ok=False" in found
    assert "--cap-add" in found


@pytest.mark.parametrize(("uid", "detail"), [(0, "root has it"), (1000, "not used: ")])
def test_others_have_the_permission_or_do_not_need_it(
    monkeypatch: pytest.MonkeyPatch, uid: int, detail: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(target, "CAPABILITIES", {})
    check = target._capability_check()
    assert check.ok
    assert check.detail.startswith(detail)


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
def test_a_port_with_a_listener_of_the_stack_is_a_leftover(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout.home.mkdir()
    monkeypatch.chdir(layout.home)
    (leftover,) = leftovers._ports(layout)
    assert (leftover.kind, leftover.name) == ("port", str(layout.port("mlflow")))
    assert leftover.detail.startswith(f"process {os.getpid()} (")


@pytest.mark.usefixtures("listening")
def test_a_port_with_a_listener_of_anything_else_is_no_leftover(layout: Layout) -> None:
    assert list(leftovers._ports(layout)) == []


def test_no_file_is_left_where_there_is_no_folder(layout: Layout) -> None:
    assert list(leftovers._files(layout.home, ())) == []


def test_every_file_and_the_folder_are_leftovers(layout: Layout) -> None:
    for name in ("data", "log"):
        (layout.home / name).mkdir(parents=True)
    left = [(item.name, item.verdict) for item in leftovers._files(layout.home, ())]
    paths = [layout.home / "data", layout.home / "log", layout.home]
    assert left == [(str(path), "present") for path in paths]


def test_retained_data_are_kept_and_nothing_else_is(layout: Layout) -> None:
    for name in (*KEPT, "log"):
        (layout.home / name).mkdir(parents=True)
    left = {Path(item.name).name: item.verdict for item in leftovers._files(layout.home, KEPT)}
    assert left == {**dict.fromkeys(KEPT, "kept"), "log": "present"}


def operations_of(
    project: Path, home: Path | None, port: int, dags: Mapping[str, str] = MappingProxyType({})
) -> LocalOperations:
    """The operations of the stack `pilot` of a project, with a home of its choice."""
    project.mkdir(mode=0o711, exist_ok=True)
    settings = LocalSettings.model_validate(
        {"basePort": port, "home": home and str(home), "dags": dict(dags)}
    )
    tags = {"pilothouse-stack": "pilot"}
    plan: Any = SimpleNamespace(
        platform=platform_spec.load(SMALLEST, today=None),
        project=project,
        stack="pilot",
        settings=settings,
        tags=tags,
        suffix="pilot",
    )
    return LocalOperations(plan)


def set_up(operations: LocalOperations) -> Path:
    """The folder that an `up` would make, with a socket outside it on record."""
    home = operations.layout.home
    mark = make_mark(operations.plan)
    props = {"name": "home", "path": str(home), "tags": mark, "is_default": False}
    HomeProvider().create(props)
    (home / "services" / "seaweedfs").mkdir(parents=True)
    socket_file = home.parent / "1.sock"
    socket_file.touch()
    outside_files.record(home / "services" / "seaweedfs", [str(socket_file)])
    return socket_file


def names(found: Iterable[Leftover]) -> set[tuple[str, str]]:
    return {(item.kind, item.name) for item in found}


def test_a_teardown_takes_the_stacks_folder_and_its_sockets(folder: Path) -> None:
    operations = operations_of(folder / "clone", None, free_ports(len(PORTS)))
    socket_file = set_up(operations)
    assert ("socket", str(socket_file)) in names(operations.leftovers(keep_data=False))
    operations.clean_up(keep_data=False)
    assert not operations.layout.home.exists()
    assert not socket_file.exists()
    assert operations.leftovers(keep_data=False) == []


def test_kept_data_keep_no_socket(folder: Path) -> None:
    operations = operations_of(folder / "clone", None, free_ports(len(PORTS)))
    socket_file = set_up(operations)
    operations.clean_up(keep_data=True)
    assert not socket_file.exists()
    assert (operations.layout.home / "data").is_dir()


def test_a_dag_of_the_team_is_named_and_the_platforms_own_is_not(folder: Path) -> None:
    operations = operations_of(folder / "clone", None, free_ports(len(PORTS)))
    dags = operations.layout.home / "services" / "airflow-dag-processor" / "dags"
    (dags / "__pycache__").mkdir(parents=True)
    for name in ("pilothouse_workload.py", "team.py", "__pycache__/team.pyc"):
        (dags / name).touch()
    for keep_data in (True, False):
        assert dag_files(operations, keep_data=keep_data) == [(str(dags / "team.py"), "present")]


def test_the_folder_of_dags_is_kept_with_the_data_and_its_files_are_named(folder: Path) -> None:
    operations = operations_of(folder / "clone", None, free_ports(len(PORTS)))
    team = operations.layout.dags / "churn" / "team.py"
    team.parent.mkdir(parents=True)
    team.touch()
    assert dag_files(operations, keep_data=True) == [(str(team), "kept")]
    assert dag_files(operations, keep_data=False) == [(str(team), "present")]
    operations.clean_up(keep_data=True)
    assert team.is_file()
    operations.clean_up(keep_data=False)
    assert not team.exists()


def dag_files(operations: LocalOperations, *, keep_data: bool) -> list[tuple[str, str]]:
    found = operations.leftovers(keep_data=keep_data)
    return [(item.name, item.verdict) for item in found if item.kind == "DAG file"]


def test_a_folder_of_dags_of_ones_own_is_neither_named_nor_deleted(folder: Path) -> None:
    project = folder / "clone"
    operations = operations_of(project, None, free_ports(len(PORTS)), {"folder": "dags"})
    set_up(operations)
    team = project / "dags" / "team.py"
    team.parent.mkdir()
    team.touch()
    assert target._dags_checks(operations.layout) == []
    assert dag_files(operations, keep_data=False) == []
    operations.clean_up(keep_data=False)
    assert team.is_file()


def test_a_folder_of_dags_that_would_go_with_the_stacks_fails_the_preflight(folder: Path) -> None:
    inside = str(folder / "stack" / "own")
    operations = operations_of(folder, folder / "stack", 14000, {"folder": inside})
    (check,) = target._dags_checks(operations.layout)
    assert (check.ok, check.name) == (False, f"folder of DAGs {inside}")
    assert "would delete it" in check.detail
    assert "`dags.folder`" in check.remedy


def test_a_folder_of_dags_that_is_not_there_fails_the_preflight(folder: Path) -> None:
    operations = operations_of(folder / "clone", None, 14000, {"folder": "dags"})
    (check,) = target._dags_checks(operations.layout)
    assert (check.ok, check.detail) == (False, "does not exist")
    assert check.name == f"folder of DAGs {folder / 'clone' / 'dags'}"


@pytest.mark.parametrize("shared", [False, True], ids=["folders of their own", "one folder"])
def test_a_teardown_in_another_clone_touches_nothing_of_a_running_stack(
    folder: Path, shared: bool
) -> None:
    """Both clones have the same names, so the same ports, and maybe the same folder."""
    home, port = folder / "shared" if shared else None, free_ports(len(PORTS))
    first = operations_of(folder / "first", home, port)
    second = operations_of(folder / "second", home, port)
    socket_file = set_up(first)
    before = names(first.leftovers(keep_data=False))
    running = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with started(running, first.layout.home) as process:
        eventually(lambda: process_table.listener(port) is not None)
        assert second.leftovers(keep_data=False) == []
        assert second.services() == []
        second.clean_up(keep_data=False)
        assert process.poll() is None
    assert socket_file.exists()
    assert names(first.leftovers(keep_data=False)) == before


def test_a_folder_of_another_clone_fails_the_preflight(folder: Path) -> None:
    port = free_ports(len(PORTS))
    first = operations_of(folder / "first", folder / "shared", port)
    set_up(first)
    second = operations_of(folder / "second", folder / "shared", port)
    assert first._folder_check().ok
    check = second._folder_check()
    assert (check.ok, check.name) == (False, f"folder {folder / 'shared'}")
    assert "set `home`" in check.remedy


@pytest.mark.parametrize("name", ["a%b", "a[b]", "a #b", "a ;b", "a\nb"])
def test_a_path_that_supervisord_cannot_read_fails_the_preflight(name: str) -> None:
    checks = target._path_checks(layout_at(name))
    assert [check.ok for check in checks] == [False, False]
    assert [f"set `{key}`" in check.remedy for key, check in
            zip(("home", "environments"), checks, strict=True)] == [True, True]  # fmt: skip


@pytest.mark.parametrize("name", ["a b", "a#b", "a;b", "ä'\"&()?*"])
def test_other_paths_pass(name: str) -> None:
    assert target._path_checks(layout_at(name)) == []


def layout_at(name: str) -> Layout:
    folders = {part: Path(f"/{part}") / name for part in ("home", "environments", "dags")}
    return Layout(**folders, base_port=14000)
