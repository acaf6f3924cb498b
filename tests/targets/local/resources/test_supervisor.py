"""Supervisor: a real supervisord, its end, and what ends with it."""

import os
import signal
from pathlib import Path

import pytest
from testkit.support.waiting import eventually

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import process_table
from pilothouse.targets.local.resources.service import ServiceProvider
from pilothouse.targets.local.resources.supervisor import SupervisorProvider
from tests.targets.local.crud import create, refresh, update
from tests.targets.local.http_inputs import inputs
from tests.targets.local.machine import answer, free_ports, is_alive, is_free, short_folder

pytestmark = pytest.mark.live
SERVICE = ServiceProvider()


def test_a_killed_supervisord_takes_its_services_with_it_and_both_come_back(own_home: Path) -> None:
    supervisor = {"name": "supervisor", "home": str(own_home)}
    port = free_ports(1)
    state = create(SERVICE, inputs(own_home, "http", port))
    pid = answer(port)["pid"]
    os.kill(int((own_home / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    eventually(lambda: not is_alive(pid))
    assert refresh(SupervisorProvider(), supervisor)["drift"] == "stopped"
    assert refresh(SERVICE, state)["drift"] == "stopped"
    update(SupervisorProvider(), supervisor, {})
    assert refresh(SupervisorProvider(), supervisor)["drift"] == ""
    update(SERVICE, state, {})
    assert answer(port)["pid"] != pid


def test_a_running_supervisord_is_left_alone(own_home: Path) -> None:
    before = (own_home / "run" / "supervisord.pid").read_text()
    create(SupervisorProvider(), {"name": "supervisor", "home": str(own_home)})
    assert (own_home / "run" / "supervisord.pid").read_text() == before


def test_the_end_of_supervisord_is_the_end_of_everything_in_the_folder(own_home: Path) -> None:
    port = free_ports(1)
    create(SERVICE, inputs(own_home, "http", port))
    answer(port)
    SupervisorProvider().delete("supervisor", {"home": str(own_home)})
    assert process_table.of_folder(own_home) == []
    assert is_free(port)
    assert not (own_home / "run" / "supervisor.sock").exists()


def test_a_path_too_long_for_a_socket_is_refused_with_the_remedy() -> None:
    with short_folder() as folder:
        home = folder / ("x" * 100)
        home.mkdir()
        with pytest.raises(PilothouseError, match="set `home` to a shorter folder"):
            create(SupervisorProvider(), {"name": "supervisor", "home": str(home)})


@pytest.mark.parametrize("name", ["a b", "a#b;c", "ä'\"&()?*"])
def test_programs_run_below_a_path_with_any_sign_that_it_can_read(name: str) -> None:
    with short_folder() as folder:
        home = folder / name
        home.mkdir(mode=0o711)
        supervisor = create(SupervisorProvider(), {"name": "supervisor", "home": str(home)})
        port = free_ports(1)
        create(SERVICE, inputs(home, "http", port))
        eventually(lambda: not is_free(port))
        SupervisorProvider().delete("id", supervisor)
        eventually(lambda: is_free(port))
