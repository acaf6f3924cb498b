"""Finding, ending and becoming processes; a provider that ends with its engine."""

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from testkit.support.waiting import eventually

from pilothouse.targets.local.processes import launch, process_table
from pilothouse.targets.local.processes.engine_watch import end_with_engine
from tests.targets.local.machine import is_alive

Command = Sequence[str | Path]
SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


@contextmanager
def started(
    command: Command, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works in a folder, with its output; killed at the end, however the test ends.

    Without the kill, a failed assertion would wait until the process ends by itself.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[bytes]) -> bytes:
    """The next line that a process prints."""
    assert process.stdout
    return process.stdout.readline()


def test_a_process_belongs_to_the_folder_that_it_works_in(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    with started(["sleep", "60"], inner) as process:
        assert [found.pid for found in process_table.of_folder(folder)] == [process.pid]
        assert [found.pid for found in process_table.of_folder(inner)] == [process.pid]
        assert process_table.of_folder(folder / "inn") == []
        process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=5)
        assert not is_alive(process.pid)


def test_a_process_belongs_to_the_folder_that_it_was_started_for(folder: Path) -> None:
    environment = {process_table.FOLDER_VARIABLE: str(folder / "inner")}
    with started(["/bin/sleep", "60"], Path("/"), environment) as process:
        # The kernel shows a new program's environment a moment after the program has started.
        (found,) = eventually(lambda: process_table.of_folder(folder))
        assert found.pid == process.pid
        process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=5)
        assert not is_alive(process.pid)


def test_we_do_not_belong_to_the_folder_ourselves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert process_table.of_folder(folder) == []


def test_what_does_not_listen_is_killed(folder: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    with started([sys.executable, "-c", deaf], folder) as process:
        line_of(process)
        process_table.end(process_table.of_folder(folder), first=signal.SIGTERM, seconds=0.3)
        assert not is_alive(process.pid)


def test_the_process_on_a_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        owner = process_table.listener(port)
        assert owner == psutil.Process()
        assert process_table.describe(owner).startswith(f"process {os.getpid()} (")
    assert process_table.listener(port) is None


def test_a_process_that_cannot_be_seen_is_described_all_the_same() -> None:
    with subprocess.Popen(["sleep", "0"]) as ended:
        gone = psutil.Process(ended.pid)
    assert process_table.describe(None) == "a process of another user"
    assert process_table.describe(gone) == f"process {ended.pid}"


def test_a_command_has_just_the_files_variables_and_those_that_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "environment.json"
    file.write_text(json.dumps({"COLOUR": "green", "TOKEN": "of the file"}))
    monkeypatch.setenv("TOKEN", "of the caller")
    monkeypatch.setenv("RUN", "7")
    command = launch.arguments(
        [sys.executable, "-c", SHOW], environment=file, keep=("RUN", "TOKEN", "MISSING")
    )
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seen = {name: text for name, text in json.loads(done.stdout).items() if name != "LC_CTYPE"}
    assert seen == {"COLOUR": "green", "TOKEN": "of the file", "RUN": "7"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_becomes_the_user_and_loses_its_groups() -> None:
    command = launch.arguments(["/bin/sh", "-c", "id -u; id -G"], user="nobody")
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    user = pwd.getpwnam("nobody")
    assert done.stdout.split() == [str(user.pw_uid), str(user.pw_gid)]


def test_an_unknown_command_is_named() -> None:
    done = subprocess.run(
        launch.arguments(["/no/such/program"]), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "/no/such/program: No such file or directory\n"


def test_no_command_is_a_usage_error() -> None:
    done = subprocess.run(launch.arguments([]), capture_output=True, text=True, check=False)
    assert done.returncode == 2


PARENT = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(60)"


def test_a_command_can_die_with_its_parent(folder: Path) -> None:
    command = launch.arguments(["sleep", "60"], die_with_parent="SIGTERM")
    with started([sys.executable, "-c", PARENT, *command], folder) as parent:
        child = eventually(lambda: _sleeping(parent.pid))
        parent.kill()
    eventually(lambda: not is_alive(child.pid))


def _sleeping(parent: int) -> psutil.Process | None:
    children = psutil.Process(parent).children()
    return next((child for child in children if child.name() == "sleep"), None)


WATCHING = """
import time
from pilothouse.targets.local.processes.engine_watch import end_with_engine
end_with_engine()
print("watching", flush=True)
time.sleep(60)
"""


def test_a_provider_ends_when_its_engine_is_killed(folder: Path) -> None:
    engine = folder / "pulumi"
    engine.symlink_to(Path(sys.executable).resolve())
    between = [sys.executable, "-c", PARENT, sys.executable, "-c", WATCHING]
    with started([engine, "-c", PARENT, *between], folder) as process:
        assert line_of(process) == b"watching\n"
        provider = psutil.Process(process.pid).children(recursive=True)[-1]
        assert psutil.Process(process.pid).name() == "pulumi"
        process.kill()
        eventually(lambda: not is_alive(provider.pid))


def test_without_an_engine_there_is_nothing_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [thread.id for thread in psutil.Process().threads()]
    end_with_engine.__wrapped__()
    assert [thread.id for thread in psutil.Process().threads()] == before
