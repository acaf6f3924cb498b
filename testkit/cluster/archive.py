"""Images as files: layers as tars with their digests, and the archive that containerd imports."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_CHUNK = 1 << 22
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Layer:
    """A layer's tar and the digest of what is in it."""

    tar: Path
    digest: str


def layer_of_folder(folder: Path, tar: Path) -> Layer:
    """A layer of what is in a folder: owners and times are kept.

    Python's compiled files hold the times of their sources: were those lost, they would be stale.
    """
    command = ["tar", "--numeric-owner", "--sort=name", "-C", str(folder), "-cf", "-", "."]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process, tar.open("wb") as output:
        assert process.stdout
        digest = _copy(process.stdout, output)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Layer(tar, digest)


def layer_of_file(file: Path, name: str, tar: Path) -> Layer:
    """A layer of one program, under a name at the root."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = file.stat().st_size, 0o755
    with tarfile.open(tar, "w") as archive, file.open("rb") as content:
        archive.addfile(member, content)
    with tar.open("rb") as written:
        return Layer(tar, hashlib.file_digest(written, "sha256").hexdigest())


def write(output: IO[bytes], name: str, config: Mapping[str, Any], layers: Sequence[Layer]) -> None:
    """Write an image as `docker save` does, to a stream that need not be seekable."""
    described = json.dumps(_description(config, layers)).encode()
    digest = hashlib.sha256(described).hexdigest()
    manifest = {
        "Config": f"{digest}.json",
        "RepoTags": [name],
        "Layers": [f"{layer.digest}/layer.tar" for layer in layers],
    }
    with tarfile.open(fileobj=output, mode="w|") as archive:
        _add(archive, f"{digest}.json", described)
        _add(archive, "manifest.json", json.dumps([manifest]).encode())
        for layer in layers:
            member = tarfile.TarInfo(f"{layer.digest}/layer.tar")
            member.size = layer.tar.stat().st_size
            with layer.tar.open("rb") as content:
                archive.addfile(member, content)


def _description(config: Mapping[str, Any], layers: Sequence[Layer]) -> dict[str, Any]:
    return {
        "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer.digest}" for layer in layers]},
    }


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _copy(source: IO[bytes], output: IO[bytes]) -> str:
    total = hashlib.sha256()
    while data := source.read(_CHUNK):
        total.update(data)
        output.write(data)
    return total.hexdigest()
