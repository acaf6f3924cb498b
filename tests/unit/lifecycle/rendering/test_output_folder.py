"""The folder of a rendering: whole after a kill, and nothing of somebody else's is lost."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import Refused
from pilothouse.lifecycle.rendering import output_folder
from pilothouse.lifecycle.rendering.output_folder import MARKER, STAGING, RenderedFolder

OLD = {"001-a.yaml": "a: 1\n", "002-b.yaml": "b: 1\n", "003-c.yaml": "c: 1\n"}
NEW = {"001-a.yaml": "a: 1\n", "002-b.yaml": "b: 2\n", "003-d.yaml": "d: 1\n"}
SECRETS = {"storage-secrets": {"admin": "hush"}}


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.name != MARKER}


def objections(folder: Path, stack: str = "pilot", *, secret: bool = False) -> list[str]:
    return RenderedFolder(folder).objections(stack, NEW, secret=secret)


def test_a_new_an_empty_and_a_rendered_folder_are_taken(tmp_path: Path) -> None:
    assert objections(tmp_path) == objections(tmp_path / "new" / "one") == []
    folder = tmp_path / "new" / "one"
    assert RenderedFolder(folder).write("pilot", OLD, None) == list(OLD)
    assert objections(folder) == []
    changed = RenderedFolder(folder).write("pilot", NEW, None)
    assert changed == ["002-b.yaml", "003-c.yaml", "003-d.yaml"]
    assert texts(folder) == NEW
    assert RenderedFolder(folder).write("pilot", NEW, None) == []


def test_what_no_rendering_made_is_named_and_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert objections(tmp_path) == ["it holds files that no rendering made: 1"]
    RenderedFolder(tmp_path).write("pilot", OLD, None)
    RenderedFolder(tmp_path).write("pilot", NEW, None)
    assert texts(tmp_path) == {**NEW, "notes.txt": "mine"}
    assert objections(tmp_path) == []


def test_what_somebody_changed_or_added_is_named(tmp_path: Path) -> None:
    RenderedFolder(tmp_path).write("pilot", OLD, None)
    (tmp_path / "002-b.yaml").write_text("b: mine\n")
    (tmp_path / "003-d.yaml").write_text("d: mine\n")
    (tmp_path / "001-a.yaml").unlink()
    assert objections(tmp_path) == [
        "002-b.yaml was changed since it was rendered",
        "003-d.yaml is not a rendering's",
    ]


def test_the_rendering_of_another_stack_is_named(tmp_path: Path) -> None:
    RenderedFolder(tmp_path).write("other", OLD, None)
    assert objections(tmp_path) == ["it holds the rendering of stack other"]


def test_generated_secrets_are_for_the_owner_and_are_not_thrown_away(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    RenderedFolder(folder).write("pilot", OLD, None)
    RenderedFolder(folder).write("pilot", OLD, SECRETS)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == dict.fromkeys([*OLD, ".gitignore", MARKER], 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    earlier = RenderedFolder(folder).earlier
    assert earlier
    assert earlier.secrets == SECRETS
    assert "generated secrets" in objections(folder)[0]
    assert objections(folder, secret=True) == []


def test_a_gitignore_of_ones_own_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    RenderedFolder(tmp_path).write("pilot", OLD, SECRETS)
    RenderedFolder(tmp_path).write("pilot", NEW, SECRETS)
    assert texts(tmp_path) == {**NEW, ".gitignore": "mine\n"}


def test_a_file_or_a_spoilt_marker_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="is not a folder"):
        RenderedFolder(tmp_path / "file")
    (tmp_path / MARKER).write_text("{")
    with pytest.raises(Refused, match="cannot be read"):
        RenderedFolder(tmp_path)


class Killed(BaseException):
    """Stands for a SIGKILL: nothing handles it."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the step-th file operation on, nothing works any more."""
    left = [step]

    def wrapped(original: Any) -> Any:
        def operation(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return original(*arguments, **options)

        return operation

    monkeypatch.setattr(output_folder, "_write", wrapped(output_folder._write))
    monkeypatch.setattr(shutil, "rmtree", wrapped(shutil.rmtree))
    for name in ("replace", "rename", "unlink", "mkdir"):
        monkeypatch.setattr(Path, name, wrapped(getattr(Path, name)))


def test_a_kill_at_any_step_leaves_the_old_or_the_new_rendering(tmp_path: Path) -> None:
    ends = []
    for step in range(40):
        folder = tmp_path / str(step)
        RenderedFolder(folder).write("pilot", OLD, None)
        with pytest.MonkeyPatch.context() as patch:
            killed_at(step, patch)
            try:
                RenderedFolder(folder).write("pilot", NEW, None)
            except Killed:
                ended = False
            else:
                ended = True
        ends.append(ended)
        assert objections(folder) == []
        assert texts(folder) in (OLD, NEW)
        assert not (folder / STAGING).exists()
        RenderedFolder(folder).write("pilot", NEW, None)
        assert texts(folder) == NEW
    assert 8 < ends.index(True) < 40
