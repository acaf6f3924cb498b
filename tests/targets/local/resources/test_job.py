"""Job: a command that runs to its end."""

import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from testkit.support.waiting import eventually

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import process_table
from pilothouse.targets.local.resources import job as job_module
from pilothouse.targets.local.resources.job import JobProvider
from tests.targets.local.crud import State, create, is_changed, refresh
from tests.targets.local.machine import command_lines, is_alive

PROVIDER = JobProvider()
SECRET = "hush-nobody-may-see-this"


@pytest.fixture
def home(folder: Path) -> Path:
    (folder / "log").mkdir()
    return folder


def job(home: Path, program: str, **more: Any) -> State:
    given: State = {
        "name": "migrate",
        "home": str(home),
        "command": [sys.executable, "-c", program],
        "environment": {"COLOUR": "green"},
        "secrets": {"PASSWORD": SECRET},
        "stdin": "",
    }
    return {**given, **more}


def test_it_has_run_when_it_is_made(home: Path) -> None:
    program = "import os, sys; print(os.environ['COLOUR'], sys.stdin.read(), os.getcwd())"
    state = create(PROVIDER, job(home, program, stdin="from a pipe"))
    log = home / "log" / "migrate.log"
    assert log.read_text() == f"green from a pipe {home}/services/migrate\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert refresh(PROVIDER, state) == state


def test_it_has_nothing_of_the_callers_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of the caller")
    create(PROVIDER, job(home, "import os; print(*os.environ)"))
    assert "PULUMI_CONFIG_PASSPHRASE" not in (home / "log" / "migrate.log").read_text()


def test_a_failure_shows_the_code_and_the_end_of_the_log(home: Path) -> None:
    program = "import sys; [print('line', n) for n in range(50)]; sys.exit(3)"
    with pytest.raises(PilothouseError) as caught:
        create(PROVIDER, job(home, program))
    lines = str(caught.value).splitlines()
    assert lines[:2] == ["migrate ended with 3", "the last lines of its log:"]
    assert lines[-3:-1] == ["  line 49", f"the whole log is {home}/log/migrate.log"]
    assert "run `pilothouse up` again" in lines[-1]
    assert "  line 24" not in lines


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL"),
        ("import time; time.sleep(60)", "did not end within 1 s"),
    ],
)
def test_a_failure_without_a_word_says_how_it_ended(
    home: Path, monkeypatch: pytest.MonkeyPatch, program: str, told: str
) -> None:
    monkeypatch.setattr(job_module, "TIMEOUT", 1)
    with pytest.raises(PilothouseError, match=f"migrate {told}\nits log is empty\n"):
        create(PROVIDER, job(home, program))


def test_a_command_that_does_not_exist_is_named(home: Path) -> None:
    with pytest.raises(PilothouseError, match=r"could not be started: .*'/nowhere/migrate'"):
        create(PROVIDER, job(home, "", command=["/nowhere/migrate"]))


def test_its_secrets_are_in_no_command_line(home: Path) -> None:
    program = "import os, time; print(os.environ['PASSWORD'], flush=True); time.sleep(60)"
    log = home / "log" / "migrate.log"

    def run() -> None:
        with pytest.raises(PilothouseError, match="was ended by SIGTERM"):
            create(PROVIDER, job(home, program, stdin=SECRET))

    running = threading.Thread(target=run)
    running.start()
    eventually(lambda: log.exists() and SECRET in log.read_text())
    lines = command_lines(home)
    for process in process_table.of_folder(home):
        process.terminate()
    running.join(timeout=15)
    assert not running.is_alive()
    assert "time.sleep" in lines
    assert SECRET not in lines


def test_a_changed_command_or_secret_runs_it_again(home: Path) -> None:
    state = create(PROVIDER, job(home, "print(1)"))
    assert not is_changed(PROVIDER, state, job(home, "print(1)"))
    assert is_changed(PROVIDER, state, job(home, "print(2)"))
    assert is_changed(PROVIDER, state, job(home, "print(1)", secrets={"PASSWORD": "new"}))


def test_what_a_killed_run_left_running_is_ended_first(home: Path) -> None:
    folder = home / "services" / "migrate"
    folder.mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"], cwd=folder) as old:
        create(PROVIDER, job(home, "print('again')"))
        assert not is_alive(old.pid)


def test_it_leaves_nothing(home: Path) -> None:
    program = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True)"
    state = create(PROVIDER, job(home, program))
    assert process_table.of_folder(home) != []
    PROVIDER.delete("id", state)
    PROVIDER.delete("id", state)
    assert process_table.of_folder(home) == []
    assert sorted(path.name for path in home.rglob("*")) == ["log", "services"]
