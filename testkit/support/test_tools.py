"""A test that lacks a program says which command provides it."""

from __future__ import annotations

from pathlib import Path

import pytest

from testkit.support import tools


@pytest.fixture(autouse=True)
def nothing_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools, "TOOLCHAIN", tmp_path)


def test_without_uv_the_command_that_provides_it_is_named() -> None:
    with pytest.raises(pytest.fail.Exception, match="run `make setup-tests`"):
        tools.uv()


def test_the_toolchains_uv_is_found(tmp_path: Path) -> None:
    own = tmp_path / "uv" / "bin" / "uv"
    own.parent.mkdir(parents=True)
    own.touch(mode=0o755)
    assert tools.uv() == own
