"""A person at the consoles of a cluster, with a real browser and through `pilothouse open`."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from testkit.support.browsers import browser
from testkit.support.clusters import ClusterStack
from testkit.support.console_visits import (
    NEEDS_BROWSER,
    see_green_run_and_its_log,
    see_run_plot_and_model,
)

pytestmark = [pytest.mark.live, NEEDS_BROWSER, pytest.mark.timeout(900)]


@contextmanager
def consoles(platform: ClusterStack) -> Iterator[Any]:
    """What `pilothouse open` writes, while it runs; Ctrl-C ends it."""
    stack = platform.stack
    with subprocess.Popen(
        stack.command("open", "--json", "--show-secrets"),
        env=stack.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        try:
            yield json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_both_consoles_show_the_proved_run(
    platform: ClusterStack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    proof = platform.stack.json("verify")
    with (
        consoles(platform) as contract,
        browser(tmp_path_factory.mktemp("browser")) as person,
    ):
        tracking, orchestration = contract["tracking"], contract["orchestration"]
        see_run_plot_and_model(person, tracking["console"], tracking, proof)
        see_green_run_and_its_log(person, orchestration["console"], orchestration, proof)
