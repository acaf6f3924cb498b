"""Environment: a small locked environment, made in a temporary folder."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from testkit.support.waiting import eventually

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.resources.environment import (
    EnvironmentProvider,
    environment_path,
    install,
)
from tests.targets.local.crud import State, create, is_gone, refresh
from tests.targets.local.machine import is_alive

ROOT = Path(__file__).parents[4]
PROVIDER = EnvironmentProvider()
pytestmark = pytest.mark.usefixtures("uv")


@pytest.fixture(scope="module")
def lock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small package, with its hashes, from a lock of ours."""
    text = (ROOT / "locks" / "test.txt").read_text(encoding="utf-8")
    found = re.search(r"^six==.*\\\n(    --hash=.*\n)+", text, re.MULTILINE)
    assert found
    path = tmp_path_factory.mktemp("lock") / "small.txt"
    path.write_text(found[0], encoding="utf-8")
    return path


def state_of(path: Path, lock: Path) -> State:
    return {"name": "small", "path": str(path), "lock": str(lock)}


def imported(path: Path) -> bool:
    return (
        subprocess.run([path / "bin" / "python", "-c", "import six"], check=False).returncode == 0
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, lock: Path, uv: None) -> State:
    path = tmp_path_factory.mktemp("environments") / "small-1"
    return create(PROVIDER, state_of(path, lock))


def test_it_is_installed_with_bytecode(made: State) -> None:
    path = Path(made["path"])
    assert imported(path)
    assert [*path.rglob("six.*.pyc")]
    assert refresh(PROVIDER, made)["drift"] == ""


def test_a_whole_one_is_left_alone_and_outlives_the_stack(made: State) -> None:
    path = Path(made["path"])
    before = path.stat()
    create(PROVIDER, made)
    PROVIDER.delete("id", made)
    assert path.stat() == before
    assert imported(path)


def test_a_removed_one_is_seen(made: State, tmp_path: Path) -> None:
    assert is_gone(PROVIDER, {**made, "path": str(tmp_path / "gone")})


def test_one_that_was_killed_half_way_is_made_again(tmp_path: Path, lock: Path) -> None:
    path = tmp_path / "small-1"
    (path / "lib" / "half").mkdir(parents=True)
    assert is_gone(PROVIDER, state_of(path, lock))
    create(PROVIDER, state_of(path, lock))
    assert imported(path)
    assert not (path / "lib" / "half").exists()


SLOW_UV = """#!/bin/sh
[ "$1" = pip ] && mkdir -p "$ENVIRONMENT/lib" && touch "$ENVIRONMENT/begun" && sleep 2
touch "$ENVIRONMENT/lib/late"
exec "$UV" "$@"
"""
INSTALL = """
import sys
from pathlib import Path
from pilothouse.targets.local.resources.environment import install
install(Path(sys.argv[1]), Path(sys.argv[2]), None)
"""


def test_the_uv_that_a_killed_one_left_running_is_waited_for(tmp_path: Path, lock: Path) -> None:
    path, slow = tmp_path / "environments" / "small-1", tmp_path / "bin" / "uv"
    slow.parent.mkdir()
    slow.write_text(SLOW_UV, encoding="utf-8")
    slow.chmod(0o700)
    places = {"ENVIRONMENT": str(path), "UV": str(shutil.which("uv"))}
    places["PATH"] = os.pathsep.join([str(slow.parent), os.environ["PATH"]])
    command = [sys.executable, "-c", INSTALL, str(path), str(lock)]
    with subprocess.Popen(command, env={**os.environ, **places}) as killed:
        eventually((path / "begun").is_file)
        (left,) = psutil.Process(killed.pid).children()
        killed.kill()
    install(path, lock, None)
    assert not is_alive(left.pid)
    assert imported(path)
    assert not (path / "lib" / "late").exists()


def test_a_wrong_hash_is_refused_and_the_next_try_is_not_spoilt(tmp_path: Path, lock: Path) -> None:
    path, wrong = tmp_path / "small-1", tmp_path / "wrong.txt"
    wrong.write_text(re.sub("sha256:....", "sha256:0000", lock.read_text()))
    with pytest.raises(PilothouseError, match=r"uv pip failed: (.|\n)*Hash mismatch"):
        create(PROVIDER, state_of(path, wrong))
    assert is_gone(PROVIDER, state_of(path, wrong))
    create(PROVIDER, state_of(path, lock))
    assert imported(path)


def test_two_at_once_wait_for_each_other(tmp_path: Path, lock: Path) -> None:
    path = tmp_path / "small-1"
    with path.with_suffix(".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = threading.Thread(target=install, args=(path, lock, None))
        waiting.start()
        waiting.join(timeout=0.5)
        assert waiting.is_alive()
        assert not path.exists()
    eventually(path.joinpath(".complete").is_file, seconds=60)
    waiting.join(timeout=10)
    assert imported(path)


def test_without_uv_the_remedy_is_named(
    tmp_path: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PilothouseError, match="run `pilothouse setup`"):
        install(tmp_path / "small-1", lock, None)


def test_its_place_follows_from_its_content_only(tmp_path: Path) -> None:
    one, source = tmp_path / "one.txt", tmp_path / "source"
    (source / "package").mkdir(parents=True)
    module = source / "package" / "module.py"
    for path in (one, module, source / "pyproject.toml"):
        path.write_text("first")
    plain = environment_path(tmp_path, "small", one, None)
    with_source = environment_path(tmp_path, "small", one, source)
    assert plain.parent == tmp_path
    assert re.fullmatch("small-[0-9a-f]{12}", plain.name)
    assert plain != with_source
    os.utime(one, (0, 0))
    (source / "package" / "module.pyc").write_text("made by an import")
    assert environment_path(tmp_path, "small", one, None) == plain
    assert environment_path(tmp_path, "small", one, source) == with_source
    module.write_text("second")
    assert environment_path(tmp_path, "small", one, source) != with_source
    one.write_text("second")
    assert environment_path(tmp_path, "small", one, None) != plain


def test_it_runs_this_very_python(made: State) -> None:
    program = "import json, sys; print(json.dumps(list(sys.version_info)))"
    python = Path(made["path"]) / "bin" / "python"
    done = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == list(sys.version_info)
