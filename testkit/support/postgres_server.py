"""A PostgreSQL that speaks TLS, on loopback, from the machine's own package.

The one of the local target is built without TLS.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from testkit.support.waiting import eventually

_PACKAGED = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_SERVER = "postgresql"
_USER = "nobody"
"""As whom it runs where the tests are root's, whom PostgreSQL refuses."""


@contextmanager
def running(
    folder: Path, port: int, certificate: str, key: str, statements: Sequence[str]
) -> Iterator[None]:
    """The server at `port`, which lets nobody in without TLS and a password.

    `statements` of SQL are run in single-user mode before. `folder` is one that others can enter.
    """
    data = folder / _SERVER
    data.mkdir(mode=0o700)
    _give(data)
    _run("initdb", f"--pgdata={data}", "--username=postgres", "--no-sync", "--auth=reject")
    for name, text in (("server.crt", certificate), ("server.key", key)):
        (data / name).write_text(text)
        (data / name).chmod(0o600)
        _give(data / name)
    (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
    single = "".join(f"{statement}\n" for statement in statements)
    _run("postgres", "--single", "-D", str(data), "postgres", stdin=single)
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "ssl": "on",
    }
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    command = [_program("postgres"), "-D", str(data), *arguments]
    with (
        (folder / "postgresql.log").open("wb") as log,
        subprocess.Popen(command, stderr=log, cwd="/", user=_user()) as server,
    ):
        try:
            eventually(lambda: _accepts(port), seconds=30)
            yield
        finally:
            server.terminate()
            server.wait(timeout=30)


def _program(name: str) -> str:
    path = os.pathsep.join([*map(str, _PACKAGED), os.environ["PATH"]])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.fail(f"no {name} of a PostgreSQL with TLS; run `apt-get install postgresql`")
    return found


def _run(name: str, *arguments: str, stdin: str = "") -> None:
    subprocess.run(
        [_program(name), *arguments],
        input=stdin,
        text=True,
        capture_output=True,
        check=True,
        cwd="/",
        user=_user(),
    )


def _user() -> str | None:
    return _USER if os.geteuid() == 0 else None


def _give(path: Path) -> None:
    if user := _user():
        shutil.chown(path, user)


def _accepts(port: int) -> bool:
    ready = [_program("pg_isready"), "--host=127.0.0.1", f"--port={port}", "--quiet"]
    return subprocess.run(ready, check=False).returncode == 0
