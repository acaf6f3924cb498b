"""Images are written as containerd reads them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from testkit.cluster import archive


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "opt").mkdir(parents=True)
    (folder / "opt" / "program").write_text("content")
    (folder / "opt" / "program").chmod(0o750)
    os.utime(folder / "opt" / "program", (1_000_000, 1_000_000))
    return folder


@pytest.fixture
def members(tree: Path, tmp_path: Path) -> dict[str, bytes]:
    """The files of an image's archive, of a folder's layer and a program's."""
    program = tree / "opt" / "program"
    layers = [
        archive.layer_of_folder(tree, tmp_path / "a.tar"),
        archive.layer_of_file(program, "run", tmp_path / "b.tar"),
    ]
    output = io.BytesIO()
    archive.write(output, "example.test/image:1", {"User": "1:1"}, layers)
    with tarfile.open(fileobj=io.BytesIO(output.getvalue())) as written:
        return {m.name: _content(written, m) for m in written}


def _content(written: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = written.extractfile(member)
    assert file
    return file.read()


def manifest(members: dict[str, bytes]) -> Any:
    return json.loads(members["manifest.json"])[0]


def test_the_manifest_names_the_image_its_configuration_and_its_layers(
    members: dict[str, bytes],
) -> None:
    found = manifest(members)
    assert found["RepoTags"] == ["example.test/image:1"]
    assert {found["Config"], *found["Layers"], "manifest.json"} == set(members)


def test_the_configuration_goes_by_its_digest(members: dict[str, bytes]) -> None:
    name = manifest(members)["Config"]
    assert name == f"{hashlib.sha256(members[name]).hexdigest()}.json"
    assert json.loads(members[name])["config"] == {"User": "1:1"}


def test_the_configuration_lists_the_digests_of_the_layers_in_order(
    members: dict[str, bytes],
) -> None:
    found = manifest(members)
    digests = [f"sha256:{hashlib.sha256(members[name]).hexdigest()}" for name in found["Layers"]]
    assert json.loads(members[found["Config"]])["rootfs"]["diff_ids"] == digests


def test_a_folders_layer_keeps_modes_and_times(members: dict[str, bytes]) -> None:
    layer = members[manifest(members)["Layers"][0]]
    with tarfile.open(fileobj=io.BytesIO(layer)) as written:
        found = written.getmember("./opt/program")
    assert (found.mode, found.mtime) == (0o750, 1_000_000)


def test_a_programs_layer_holds_it_at_the_root(members: dict[str, bytes]) -> None:
    layer = members[manifest(members)["Layers"][1]]
    with tarfile.open(fileobj=io.BytesIO(layer)) as written:
        assert written.getnames() == ["run"]
        assert written.getmember("run").mode == 0o755


def test_the_same_folder_gives_the_same_layer(tree: Path, tmp_path: Path) -> None:
    first = archive.layer_of_folder(tree, tmp_path / "a.tar")
    assert archive.layer_of_folder(tree, tmp_path / "b.tar").digest == first.digest
