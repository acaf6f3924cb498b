"""Service with a real supervisord and a small HTTP server as the service."""

import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from testkit.support.waiting import eventually

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import process_table, supervision
from pilothouse.targets.local.resources.service import ServiceProvider
from tests.targets.local.crud import State, create, is_changed, refresh, update
from tests.targets.local.http_inputs import SECRET, inputs
from tests.targets.local.machine import (
    HTTP_SERVICE,
    answer,
    asked,
    command_lines,
    free_ports,
    is_alive,
    is_free,
)

pytestmark = pytest.mark.live
PROVIDER = ServiceProvider()
MakeService = Callable[..., State]


@pytest.fixture
def service(home: Path) -> Iterator[MakeService]:
    """Start services in the shared home; deleted at the end, and nothing of them is left."""
    made: list[State] = []

    def start(*options: str, **more: Any) -> State:
        port = more.pop("port", None) or free_ports(1)
        state = create(PROVIDER, inputs(home, f"s{port}", port, *options, **more))
        made.append(state)
        return state

    yield start
    for state in made:
        PROVIDER.delete("id", state)
        assert process_table.of_folder(home / "services" / state["name"]) == []
        assert not (home / "services" / state["name"]).exists()
        assert [*(home / "log").glob(f"{state['name']}.*")] == []
        assert [*(home / "programs").glob(f"{state['name']}.*")] == []
        assert is_free(port_of(state))


@pytest.fixture(scope="module")
def shared(home: Path) -> Iterator[State]:
    """A service that no test stops or changes for good."""
    state = create(PROVIDER, inputs(home, "shared", free_ports(1)))
    answer(port_of(state))
    yield state
    PROVIDER.delete("id", state)


def port_of(state: State) -> int:
    return int(state["ports"][0])


def test_it_answers_and_has_just_the_environment_that_it_was_given(
    shared: State, home: Path
) -> None:
    said = answer(port_of(shared))
    folder = str(home / "services" / shared["name"])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
    assert said["environment"] == {
        "COLOUR": "green",
        "PASSWORD": SECRET,
        "LANG": "C.UTF-8",
        "PATH": path,
        "HOME": folder,
        "TMPDIR": f"{folder}/tmp",
        "PILOTHOUSE_FOLDER": folder,
    }
    assert said["settings"] == "first"
    assert time.time() - shared["started"] < 30


def test_its_secrets_are_in_private_files_only(shared: State, home: Path) -> None:
    assert str(HTTP_SERVICE) in command_lines(home)
    assert SECRET not in command_lines(home)
    holders = [path for path in home.rglob("*") if path.is_file() and SECRET in path.read_text()]
    assert [path.name for path in holders] == ["environment.json"]
    for path in (holders[0], home / "services" / shared["name"] / "settings.txt"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in ("services", "programs", "run", "log"):
        assert stat.S_IMODE((home / folder).stat().st_mode) == 0o700


def test_unchanged_inputs_are_no_change_and_others_are(shared: State) -> None:
    same = inputs(Path(shared["home"]), shared["name"], port_of(shared))
    assert not is_changed(PROVIDER, shared, same)
    changes: list[State] = [
        {"environment": {}},
        {"files": {}},
        {"ports": []},
        {"after": {"x": 2.0}},
    ]
    for change in changes:
        assert is_changed(PROVIDER, shared, {**same, **change})
    assert PROVIDER.diff("id", shared, {**same, "name": "other"}).replaces == ["name"]
    assert PROVIDER.diff("id", shared, {**same, "home": "/other"}).replaces == ["home"]


def test_a_change_restarts_it(service: MakeService) -> None:
    state = service()
    before = answer(port_of(state))
    changed = update(PROVIDER, state, {"environment": {"COLOUR": "red"}})
    after = answer(port_of(state))
    assert after["environment"]["COLOUR"] == "red"
    assert after["pid"] != before["pid"]
    assert not is_alive(before["pid"])
    assert changed["started"] > state["started"]


def test_a_moved_service_leaves_its_old_port(service: MakeService, home: Path) -> None:
    state = service()
    answer(port_of(state))
    other = free_ports(1)
    moved = inputs(home, state["name"], other)
    update(PROVIDER, state, moved)
    answer(other)
    assert is_free(port_of(state))


def test_a_refresh_of_a_running_service_finds_nothing(shared: State) -> None:
    assert refresh(PROVIDER, shared) == shared


def amiss(state: State, what: str) -> None:
    """A refresh finds `what`, and the update that follows heals it."""
    seen = refresh(PROVIDER, state)
    assert seen["drift"] == what
    assert is_changed(PROVIDER, seen, {key: seen[key] for key in inputs(Path(), "", 0)})
    healed = update(PROVIDER, seen, {})
    answer(port_of(state))
    assert refresh(PROVIDER, healed)["drift"] == ""


def test_a_stopped_service_is_seen_and_started_again(shared: State, home: Path) -> None:
    supervision.stop_program(home, shared["name"])
    amiss(shared, "stopped")


def test_a_forgotten_service_is_seen_and_started_again(shared: State, home: Path) -> None:
    supervision.end_program(home, shared["name"])
    amiss(shared, "stopped")


def test_a_changed_file_is_seen_and_written_again(shared: State, home: Path) -> None:
    (home / "services" / shared["name"] / "settings.txt").write_text("mine")
    amiss(shared, "settings.txt changed")
    assert answer(port_of(shared))["settings"] == "first"


def test_a_changed_environment_is_seen(shared: State, home: Path) -> None:
    (home / "services" / shared["name"] / "environment.json").unlink()
    amiss(shared, "environment.json changed")


def test_a_killed_service_is_back_and_answers(service: MakeService) -> None:
    state = service()
    before = answer(port_of(state))["pid"]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: (asked(port_of(state)) or {"pid": before})["pid"] != before)


def test_a_killed_services_orphans_do_not_keep_its_port(service: MakeService) -> None:
    port, other = free_ports(1), free_ports(1)
    state = service("--child", str(other), port=port)
    parent, orphan = answer(port)["pid"], answer(other)["pid"]
    os.kill(parent, signal.SIGKILL)
    eventually(lambda: (asked(port) or {"pid": parent})["pid"] != parent)
    eventually(lambda: (asked(other) or {"pid": orphan})["pid"] != orphan)
    assert not is_alive(orphan)
    PROVIDER.delete("id", state)
    assert is_free(port)
    assert is_free(other)


def test_a_service_that_ignores_sigterm_is_ended(service: MakeService) -> None:
    state = service("--deaf", stop_seconds=1.0)
    pid = answer(port_of(state))["pid"]
    PROVIDER.delete("id", state)
    assert not is_alive(pid)


def test_a_taken_port_names_who_has_it_and_the_remedy(service: MakeService, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PilothouseError) as caught:
            service(port=port)
        words = str(caught.value)
    assert f"port {port} of s{port} is taken by process {os.getpid()} (" in words
    assert "`basePort`" in words
    assert f"s{port}" not in supervision.programs(home)


def test_a_port_taken_on_all_addresses_is_taken(service: MakeService) -> None:
    with socket.create_server(("", 0)) as taken, pytest.raises(PilothouseError, match="taken by"):
        service(port=taken.getsockname()[1])


def test_a_service_that_a_killed_run_started_is_taken_over(
    service: MakeService, home: Path
) -> None:
    """Its state was never written, so it is created again on a port that is its own."""
    state = service()
    before = answer(port_of(state))["pid"]
    state = create(PROVIDER, inputs(home, state["name"], port_of(state)))
    assert answer(port_of(state))["pid"] != before
    assert not is_alive(before)


def test_a_service_that_a_killed_run_was_stopping_is_waited_for(
    service: MakeService, home: Path
) -> None:
    state = service("--deaf", stop_seconds=2.0)
    before = answer(port_of(state))["pid"]
    killed = threading.Thread(target=supervision.stop_program, args=(home, state["name"]))
    killed.start()
    eventually(lambda: supervision.programs(home)[state["name"]].state == "STOPPING")
    PROVIDER.delete("id", state)
    killed.join()
    assert not is_alive(before)
    assert state["name"] not in supervision.programs(home)


def test_what_it_creates_elsewhere_is_removed(service: MakeService, folder: Path) -> None:
    left = folder / "left.sock"
    state = service(leaves=[str(left)])
    answer(port_of(state))
    left.touch()
    PROVIDER.delete("id", state)
    assert not left.exists()


def test_what_it_created_elsewhere_under_an_earlier_name_is_removed(
    service: MakeService, folder: Path
) -> None:
    earlier, later = folder / "1.sock", folder / "2.sock"
    state = service(leaves=[str(earlier)])
    answer(port_of(state))
    earlier.touch()
    state = update(PROVIDER, state, {"leaves": [str(later)]})
    assert not earlier.exists()
    later.touch()
    PROVIDER.delete("id", state)
    assert not later.exists()


def test_its_own_folders_are_made(service: MakeService, home: Path) -> None:
    state = service(folders=[str(home / "data" / "own")])
    answer(port_of(state))
    assert stat.S_IMODE((home / "data" / "own").stat().st_mode) == 0o700


def test_a_percent_sign_in_a_command_is_a_percent_sign(service: MakeService, home: Path) -> None:
    port = free_ports(1)
    command = [sys.executable, "-X", "note=100%(sure)s 5%", str(HTTP_SERVICE), str(port)]
    service(port=port, command=command)
    answer(port)
    assert "note=100%(sure)s 5%" in command_lines(home)


def test_a_service_can_be_deleted_after_its_supervisord_was_killed(own_home: Path) -> None:
    port = free_ports(1)
    state = create(PROVIDER, inputs(own_home, "http", port, "--deaf", stop_seconds=1.0))
    answer(port)
    os.kill(int((own_home / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    PROVIDER.delete("id", state)
    assert is_free(port)
    assert process_table.of_folder(own_home) == []


def test_a_program_that_is_not_there_is_named_in_the_log(service: MakeService, home: Path) -> None:
    state = service(command=["/no/such/program"])
    log = supervision.log_path(home, state["name"])
    words = "/no/such/program: No such file or directory"
    eventually(lambda: log.exists() and words in log.read_text())
