"""The double as the program that the engine starts."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from testkit.fake_providers.core import plugin

PACKAGES = ("aws", "kubernetes")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_plugin_on_path_is_preferred(package: str, tmp_path: Path) -> None:
    assert plugin.executable(package, str(tmp_path)) == plugin.double(package)
    assert plugin.is_double(package, str(tmp_path))
    official = tmp_path / plugin.double(package).name
    official.write_text("#!/bin/sh\n")
    official.chmod(0o755)
    assert plugin.executable(package, str(tmp_path)) == official
    assert not plugin.is_double(package, str(tmp_path))
    (named,) = plugin.project_plugins(package, str(tmp_path))["providers"]
    assert named["path"] == str(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("package", PACKAGES)
def test_it_prints_its_port_and_ends_quietly(package: str, number: signal.Signals) -> None:
    started = subprocess.Popen(
        [plugin.double(package)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stdout
    assert int(started.stdout.readline()) > 0
    started.send_signal(number)
    _, errors = started.communicate(timeout=10)
    assert (started.returncode, errors) == (0, "")


@pytest.mark.parametrize("package", PACKAGES)
def test_it_ends_when_its_engine_is_killed(package: str) -> None:
    program = f"import subprocess, time; p = subprocess.Popen([{str(plugin.double(package))!r}], "
    program += (
        "stdout=subprocess.PIPE); p.stdout.readline(); print(p.pid, flush=True); time.sleep(60)"
    )
    engine = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert engine.stdout
    double = int(engine.stdout.readline())
    engine.kill()
    engine.wait()
    engine.stdout.close()
    end = time.monotonic() + 5
    while psutil.pid_exists(double) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(double)
