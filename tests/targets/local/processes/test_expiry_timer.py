"""The timer that stops a stack: when it does that, and what it ends."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from testkit.support.waiting import eventually

from pilothouse.targets.local.processes import expiry_timer, process_table, supervision
from pilothouse.targets.local.resources.service import ServiceProvider
from tests.targets.local.crud import create
from tests.targets.local.http_inputs import inputs
from tests.targets.local.machine import answer, free_ports, is_free

LONG_AGO = datetime(2026, 3, 1, 12, tzinfo=UTC)


def timer_file(folder: Path, expires: str, written: datetime) -> Path:
    """The timer's file as an `up` at `written` leaves it."""
    file = folder / expiry_timer.FILE
    file.write_text(json.dumps({"expires": expires}))
    os.utime(file, (written.timestamp(), written.timestamp()))
    return file


def test_a_stack_ends_when_its_last_day_is_over_in_utc(tmp_path: Path) -> None:
    file = timer_file(tmp_path, "2026-12-31", LONG_AGO)
    assert expiry_timer.find_end(file) == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("hour", [0, 23])
def test_one_that_is_set_up_after_its_last_day_has_the_rest_of_that_day(
    tmp_path: Path, hour: int
) -> None:
    file = timer_file(tmp_path, "2026-02-28", LONG_AGO.replace(hour=hour))
    assert expiry_timer.find_end(file) == datetime(2026, 3, 2, tzinfo=UTC)


class Clock:
    """A clock that a sleep moves on, and a suspended machine moves further than asked."""

    def __init__(self, now: datetime, suspended: timedelta = timedelta()) -> None:
        self.now, self.suspended = now, suspended
        self.sleeps: list[float] = []

    def read(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += timedelta(seconds=seconds) + self.suspended


def test_it_waits_in_short_sleeps_and_not_past_the_end() -> None:
    clock = Clock(LONG_AGO)
    end = LONG_AGO + timedelta(seconds=2.5 * expiry_timer.CHECKED_EVERY)
    expiry_timer.wait_for(end, clock.read, clock.sleep)
    assert clock.now == end
    assert max(clock.sleeps) == expiry_timer.CHECKED_EVERY


def test_the_time_of_a_suspended_machine_counts() -> None:
    clock = Clock(LONG_AGO, suspended=timedelta(days=3))
    expiry_timer.wait_for(LONG_AGO + timedelta(days=1), clock.read, clock.sleep)
    assert len(clock.sleeps) == 1


def test_what_is_over_already_waits_for_nothing() -> None:
    clock = Clock(LONG_AGO)
    expiry_timer.wait_for(LONG_AGO - timedelta(days=1), clock.read, clock.sleep)
    assert clock.sleeps == []


@pytest.mark.live
def test_it_ends_services_detached_processes_and_supervisord(own_home: Path) -> None:
    first, port = free_ports(2), 0
    for port in (first, first + 1):
        create(ServiceProvider(), inputs(own_home, f"http-{port}", port))
        answer(port)
    marker = own_home / "data.txt"
    marker.write_text("kept")
    detached = "import subprocess, sys; subprocess.Popen(['sleep', '300'], start_new_session=True)"
    create(ServiceProvider(), idle(own_home, "starter", [sys.executable, "-c", detached]))
    eventually(lambda: any("sleep" in p.name() for p in process_table.of_folder(own_home)))
    start_timer(own_home, "2026-02-28", LONG_AGO)
    eventually(lambda: process_table.of_folder(own_home) == [], seconds=40)
    assert is_free(first)
    assert is_free(port)
    assert not supervision.answers(own_home)
    assert marker.read_text() == "kept"


@pytest.mark.live
def test_before_the_end_it_ends_nothing(own_home: Path) -> None:
    start_timer(own_home, datetime.now(UTC).date().isoformat(), LONG_AGO)
    log = supervision.log_path(own_home, "expiry")
    eventually(lambda: "the stack is stopped at" in log.read_text())
    assert supervision.programs(own_home)["expiry"].state in ("STARTING", "RUNNING")


def idle(home: Path, name: str, command: list[str]) -> dict[str, object]:
    """The inputs of a service that has neither ports nor secrets."""
    return inputs(home, name, 0) | {"command": command, "ports": [], "files": {}}


def start_timer(home: Path, expires: str, written: datetime) -> None:
    file = timer_file(home, expires, written)
    create(ServiceProvider(), idle(home, "expiry", expiry_timer.arguments(home, file)))
