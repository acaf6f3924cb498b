"""The gate that opens when services answer."""

import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.resources.ready import TIMEOUT, ReadyProvider
from pilothouse.targets.local.resources.service import ServiceProvider
from tests.targets.local.crud import State, create, is_changed, refresh
from tests.targets.local.http_inputs import inputs
from tests.targets.local.machine import free_ports

pytestmark = pytest.mark.live
PROVIDER = ReadyProvider()


def gate(home: Path, service: str, port: int, **more: Any) -> State:
    probe = {"service": service, "kind": "http", "address": f"http://127.0.0.1:{port}/"}
    return {"name": "ready", "home": str(home), "probes": [probe], "after": {}, **more}


def test_it_opens_when_the_service_answers_and_a_refresh_sees_when_it_does_not(home: Path) -> None:
    port = free_ports(1)
    service = create(ServiceProvider(), inputs(home, "slow", port))
    state = create(PROVIDER, gate(home, "slow", port))
    assert refresh(PROVIDER, state)["drift"] == ""
    ServiceProvider().delete("id", service)
    seen = refresh(PROVIDER, state)
    assert seen["drift"].startswith(f"slow: http://127.0.0.1:{port}/ does not answer")
    assert is_changed(PROVIDER, seen, gate(home, "slow", port))


def test_it_is_asked_again_after_a_start(home: Path) -> None:
    state = {**gate(home, "slow", 1, after={"slow": 1.0}), "drift": ""}
    assert not is_changed(PROVIDER, state, gate(home, "slow", 1, after={"slow": 1.0}))
    assert is_changed(PROVIDER, state, gate(home, "slow", 1, after={"slow": 2.0}))


def test_a_service_that_ends_again_and_again_is_an_error_with_its_log(home: Path) -> None:
    port = free_ports(1)
    failing = [sys.executable, "-c", "import sys; sys.exit('the disk is not there')"]
    service = create(ServiceProvider(), inputs(home, "failing", port, command=failing))
    begun = time.monotonic()
    try:
        with pytest.raises(PilothouseError) as caught:
            create(PROVIDER, gate(home, "failing", port))
    finally:
        ServiceProvider().delete("id", service)
    assert time.monotonic() - begun < TIMEOUT / 2
    assert "failing did not come up: " in str(caught.value)
    lines = str(caught.value).splitlines()
    assert "  the disk is not there" in lines
    assert lines[-2] == f"the whole log is {home}/log/failing.log"
    assert "run `pilothouse up` again" in lines[-1]


def test_a_port_that_another_program_answers_on_is_not_postgres(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        probes = [{"service": "postgres", "kind": "postgres", "address": address}]
        other.settimeout(5)
        state = {**gate(home, "postgres", 0), "probes": probes, "drift": ""}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pilothouse.services.probes.TIMEOUT", 0.2)
            assert refresh(PROVIDER, state)["drift"].startswith("postgres: 127.0.0.1:")
