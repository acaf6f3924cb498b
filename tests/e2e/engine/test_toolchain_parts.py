"""The parts of the set-up: versions, checksums, stamps, progress, the lock."""

from __future__ import annotations

import collections.abc
import contextlib
import functools
import hashlib
import http.server
import io
import os
import pathlib
import socket
import subprocess
import sys
import tarfile
import threading
import time

import pytest

from steps import official, places, pulumi, running, setup_lock, stamps, versions


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("uv 0.13.9 (x86_64)", (0, 13, 9)),
        ("3.260.1-alpha.2+dirty", (3, 260, 1)),
        ("no number 3", None),
        ("", None),
    ],
)
def test_versions_are_read(text: str, version: versions.Version | None) -> None:
    assert versions.parse(text) == version


@pytest.mark.parametrize(
    ("found", "wanted", "enough"),
    [
        ((3, 259, 0), (3, 259), True),
        ((3, 259), (3, 259, 0), True),
        ((4,), (3, 259), True),
        ((3, 1000, 0), (3, 259), True),
        ((3, 99, 9), (3, 259), False),
        ((1, 25), (1, 25, 11), False),
        (None, (0,), False),
    ],
)
def test_versions_are_compared_by_number(
    found: versions.Version | None, wanted: versions.Version, *, enough: bool
) -> None:
    assert versions.at_least(found, wanted) is enough


def test_a_program_that_does_not_run_has_no_version(tmp_path: pathlib.Path) -> None:
    assert versions.of_command(str(tmp_path / "absent")) is None
    assert versions.of_command(sys.executable, "-c", "raise SystemExit(1)") is None
    assert versions.of_command(sys.executable, "-c", "print('v1.2.3')") == (1, 2, 3)


VERSION = "3.259.0"


def archive(*names: str) -> bytes:
    """A release's archive with programs of these names."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(f"pulumi/{name}")
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    return data.getvalue()


@contextlib.contextmanager
def served(folder: pathlib.Path) -> collections.abc.Iterator[str]:
    """The address of a folder, served on loopback."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def release(folder: pathlib.Path, data: bytes, digest: str) -> pathlib.Path:
    """A folder like the official one, and an empty one to install into beside it."""
    releases, into = folder / "releases", folder / "into"
    releases.mkdir()
    into.mkdir()
    name = official.archive_name(VERSION)
    (releases / name).write_bytes(data)
    sums = f"{'0' * 64}  another.tar.gz\n{digest}  {name}\n"
    (releases / f"pulumi-{VERSION}-checksums.txt").write_text(sums, encoding="utf-8")
    return into


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_an_official_release_is_installed(tmp_path: pathlib.Path, algorithm: str) -> None:
    data = archive(*official.WANTED, "pulumi-language-go")
    into = release(tmp_path, data, hashlib.new(algorithm, data).hexdigest())
    with served(tmp_path / "releases") as address:
        assert official.fetch(VERSION, into, address)
    assert {file.name for file in into.iterdir()} == set(official.WANTED)
    assert (into / "pulumi").read_text(encoding="utf-8") == "pulumi"


@pytest.mark.parametrize(
    ("data", "digest", "reason"),
    [
        (archive(*official.WANTED), "0" * 64, "does not have the checksum"),
        (archive("pulumi"), None, "the archive lacks pulumi-language-python"),
        (b"no archive", None, "not a gzip file"),
        (archive(*official.WANTED), "", "does not contain pulumi-v3.259.0"),
    ],
    ids=["tampered", "incomplete", "no archive", "unlisted"],
)
def test_a_wrong_release_is_refused(
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
    data: bytes,
    digest: str | None,
    reason: str,
) -> None:
    into = release(tmp_path, data, hashlib.sha256(data).hexdigest() if digest is None else digest)
    with served(tmp_path / "releases") as address:
        assert not official.fetch(VERSION, into, address)
    assert reason in capsys.readouterr().out
    assert list(into.iterdir()) == []


def test_a_silent_server_is_given_up(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(official, "CONNECT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert not official.fetch(VERSION, tmp_path, address)


def test_a_stamp_holds_for_the_same_inputs_only(tmp_path: pathlib.Path) -> None:
    source, stamp = tmp_path / "source", tmp_path / "deep" / "stamp"
    source.write_text("one", encoding="utf-8")
    first = stamps.digest([source], "text")
    assert not stamps.is_current(stamp, first)
    stamps.write(stamp, first)
    assert stamps.is_current(stamp, first)
    source.write_text("two", encoding="utf-8")
    assert stamps.digest([source], "text") != first
    assert stamps.digest([], "onetext") != stamps.digest([], "one", "text")


def test_a_failed_step_shows_the_end_of_its_output(tmp_path: pathlib.Path) -> None:
    command = [sys.executable, "-c", "print('the cause'); raise SystemExit(7)"]
    step = running.Step("try it", command, tmp_path / "log", remedy="Do better.")
    with pytest.raises(places.SetupError, match=r"(?s)try it.*code 7.*the cause.*Do better"):
        running.run(step)


def test_a_long_step_tells_that_it_lives(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(running, "EVERY", 0.1)
    command = [sys.executable, "-c", "import time; time.sleep(0.5)"]
    running.run(running.Step("sleep", command, tmp_path / "log"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sleep …"
    assert len(lines) >= 3
    assert lines[-1].startswith("sleep: done in ")


def test_a_step_does_not_see_what_misleads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOBIN", "/elsewhere")
    monkeypatch.setenv("GOPROXY", "kept")
    environment = running.clean_environment(CGO_ENABLED="0")
    assert "GOBIN" not in environment
    assert (environment["GOPROXY"], environment["CGO_ENABLED"]) == ("kept", "0")


def test_one_set_up_at_a_time(tmp_path: pathlib.Path) -> None:
    order: list[str] = []

    def second() -> None:
        with setup_lock.hold(tmp_path / "lock"):
            order.append("second")

    thread = threading.Thread(target=second)
    with setup_lock.hold(tmp_path / "lock"):
        thread.start()
        time.sleep(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def program(folder: pathlib.Path, name: str, text: str) -> pathlib.Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("version", "language_host", "used"),
    [
        ("v3.259.0", True, True),
        ("v3.270.1", True, True),
        ("v4.0.0", True, True),
        ("v3.258.9", True, False),
        ("v3.270.1", False, False),
        ("", True, False),
    ],
)
def test_the_machine_s_pulumi_is_used_if_it_will_do(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    *,
    language_host: bool,
    used: bool,
) -> None:
    found = program(tmp_path / "machine", "pulumi", f"echo '{version}'")
    if language_host:
        program(tmp_path / "machine", "pulumi-language-python", "")
    monkeypatch.setenv("PATH", str(tmp_path / "machine"))
    lock = tmp_path / "locks" / "pilothouse.txt"
    lock.parent.mkdir()
    lock.write_text("pulumi==3.259.0 \\\n", encoding="utf-8")
    assert pulumi.on_path(places.Places(tmp_path, tmp_path)) == (found if used else None)


def test_its_own_pulumi_is_not_taken_for_the_machine_s(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = places.Places(tmp_path, tmp_path)
    program(own.bin, "pulumi", "echo v3.300.0")
    program(own.bin, "pulumi-language-python", "")
    monkeypatch.setenv("PATH", str(own.bin))
    assert pulumi.on_path(own) is None


def test_bytecode_is_compiled() -> None:
    root = pathlib.Path(__file__).resolve().parents[3]
    code = "import pulumi.runtime.stack as stack; print(stack.__cached__)"
    done = subprocess.run(
        [root / ".venv/bin/python", "-c", code],
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    compiled = pathlib.Path(done.stdout.strip())
    assert compiled.exists(), ".venv has no bytecode; remove it and run `make setup-tests`"
