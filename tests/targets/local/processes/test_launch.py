"""The command that `launch` executes: its variables, its user, its parent."""

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from testkit.support.waiting import eventually

from pilothouse.targets.local.processes import launch
from tests.targets.local.machine import PARENT, is_alive, started

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


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


def test_a_command_can_die_with_its_parent(folder: Path) -> None:
    command = launch.arguments(["sleep", "60"], die_with_parent="SIGTERM")
    with started([sys.executable, "-c", PARENT, *command], folder) as parent:
        child = eventually(lambda: _sleeping(parent.pid))
        parent.kill()
    eventually(lambda: not is_alive(child.pid))


def _sleeping(parent: int) -> psutil.Process | None:
    children = psutil.Process(parent).children()
    return next((child for child in children if child.name() == "sleep"), None)
