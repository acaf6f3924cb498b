"""Real servers on this machine for the live tests, each in the environment of its lock."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from pilothouse.services import proof
from pilothouse.targets.local.processes.layout import base_folder
from pilothouse.targets.local.resources.environment import environment_path, install

REPOSITORY = Path(__file__).parents[3]
ENVIRONMENTS = base_folder(REPOSITORY) / "environments"
LOCKS = REPOSITORY / "src" / "pilothouse" / "targets" / "local" / "assets" / "requirements"
SOURCE = proof.SOURCE
BUCKET = "pilot-data"
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


def environment(name: str, source: Path | None = None, locks: Path = LOCKS) -> Path:
    """The environment of that name as the local target has it, or as another's lock says."""
    lock = proof.LOCK if (name, locks) == ("workload", LOCKS) else locks / f"{name}.txt"
    path = environment_path(ENVIRONMENTS, name, lock, source)
    install(path, lock, str(source) if source else None)
    return path


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def running(command: list[str], folder: Path, ready: str, **variables: str) -> Iterator[None]:
    """A server in a process group of its own, until `ready` answers; killed at the end."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={"PATH": os.defpath, "HOME": str(folder), **variables},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: answers(ready), what=f"{ready}: {(folder / 'log')}")
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


def until(done: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


@contextmanager
def mlflow_server(folder: Path, *artifacts: str) -> Iterator[str]:
    """The address of an MLflow server with empty data; `artifacts` says where artifacts are."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = [
        str(environment("mlflow") / "bin" / "mlflow"), "server", "--host", "127.0.0.1", "--port",
        str(port), "--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/db", *artifacts,
    ]  # fmt: skip
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with running(command, folder, f"{url}/health", **quiet):
        yield url
