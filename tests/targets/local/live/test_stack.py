"""What a running stack is like: unchanged when nothing changed, private, closed to others."""

from __future__ import annotations

import re
from typing import Any

import psutil
import pytest
from testkit.support.stacks import MINIMAL, Stack

from tests.targets.local.live.conftest import SERVICES

pytestmark = [pytest.mark.live, pytest.mark.life]
CHANGED_SERVICE = re.compile(
    r"~ pulumi-python:dynamic/pilothouse:Service.*?\[urn=[^]]*::([a-z-]+)\]", re.DOTALL
)


def test_every_service_runs(stack: Stack) -> None:
    services = stack.json("status")["services"]
    assert {service["state"] for service in services} == {"running"}
    assert set(SERVICES) <= {service["name"] for service in services}


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    stack.run("preview", "--expect-no-changes")
    assert set(stack.json("up")["changes"]) == {"same"}


def test_another_name_for_the_platform_changes_nothing_and_loses_no_data(stack: Stack) -> None:
    file = stack.project / "platform.yaml"
    before = file.read_text()
    file.write_text(before.replace("name: ", "name: other-", 1))
    try:
        lost = stack.json("preview")["data_losses"]
        refused = stack.run("up", expect=2)
        services = stack.json("status")["services"]
    finally:
        file.write_text(before)
    assert {loss.split()[1] for loss in lost} >= {"artifacts-bucket", "data-bucket", "logs-bucket"}
    assert all(loss in refused for loss in lost)
    assert {service["state"] for service in services} == {"running"}
    stack.run("preview", "--expect-no-changes")


def test_raw_pulumi_sees_nothing_to_change(stack: Stack) -> None:
    stack.pulumi("preview", "--expect-no-changes")
    stack.pulumi("refresh", "--yes", "--expect-no-changes")


def test_a_kill_while_the_state_is_written_can_not_spoil_it(stack: Stack) -> None:
    """The engine replaces a file in one step, but writes a file of metadata beside it in two."""
    state = stack.project / ".pilothouse" / "state"
    assert [*state.rglob(f"{stack.name}.json")]
    assert [*state.rglob("*.attrs")] == []


def test_everything_listens_on_loopback_only(stack: Stack) -> None:
    addresses = [
        connection.laddr[0]
        for process in stack.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(addresses) == {"127.0.0.1"}


def test_no_secret_is_in_a_command_line_a_log_or_the_plain_state(
    stack: Stack, contract: Any
) -> None:
    secrets = set(_secrets(stack))
    assert len(secrets) > 15
    lines = [" ".join(process.cmdline()) for process in stack.processes()]
    logs = [path.read_text(errors="replace") for path in (stack.home / "log").glob("*.log*")]
    plain = stack.pulumi("stack", "export")
    for text in [*lines, *logs, plain]:
        assert not [secret for secret in secrets if secret in text]


def test_nobody_else_can_read_a_file_of_the_stack(stack: Stack) -> None:
    open_to_others = [
        path
        for path in stack.home.rglob("*")
        if path.is_file() and path.stat().st_mode & 0o077 and not _is_closed_above(path, stack)
    ]
    assert open_to_others == []


def test_a_larger_size_restarts_only_airflow(stack: Stack) -> None:
    file = stack.project / "platform.yaml"
    file.write_text(MINIMAL + "size: medium\n")
    try:
        said = stack.pulumi("preview", "--diff")
        changed = set(CHANGED_SERVICE.findall(said))
        assert changed
        assert all(name.startswith("airflow-") for name in changed)
    finally:
        file.write_text(MINIMAL)


def _secrets(stack: Stack) -> list[str]:
    return [
        value
        for resource in stack.resources()
        if resource["type"].endswith(":Secrets")
        for value in resource["outputs"]["values"].values()
    ]


def _is_closed_above(path: Any, stack: Stack) -> bool:
    between = [folder for folder in path.parents if folder.is_relative_to(stack.home)]
    return any(folder.stat().st_mode & 0o077 == 0 for folder in between)
