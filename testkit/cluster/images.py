"""The images of the cluster: what each is made of, and how it comes into containerd."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testkit.cluster import archive, binaries, digests, layers
from testkit.cluster.settings import (
    COREDNS,
    PAUSE,
    PLATFORM,
    SAME_PLATFORM,
    SYSTEM_FOLDERS,
    ClusterError,
    Places,
)
from testkit.cluster.steps import step

Containerd = Callable[..., list[str]]  # the command line of `ctr` with some arguments

_PLATFORM_CONFIG = {
    "Env": [
        f"PATH=/opt/venv/bin:/usr/lib/postgresql/15/bin:{SYSTEM_FOLDERS}",
        "LANG=C.UTF-8",
        "PYTHONUNBUFFERED=1",
    ],
    "User": "10001:10001",
    "WorkingDir": "/tmp",
}


@dataclass(frozen=True)
class Image:
    """An image by name: its configuration, and how its layers are written into a folder."""

    name: str
    inputs: str
    config: Mapping[str, Any]
    layers: Callable[[Path], list[archive.Layer]]

    @property
    def digest(self) -> str:
        """What it is made from."""
        return digests.of_parts(self.inputs, json.dumps(self.config))


def all_of(places: Places) -> list[Image]:
    """The images, whose parts have been built."""
    return [
        _of_program(places, PAUSE, "pause", 65535),
        _of_program(places, COREDNS, "coredns", 65532),
        Image(PLATFORM, layers.digest(), _PLATFORM_CONFIG, _layers_of_platform(places)),
    ]


def load(places: Places, containerd: Containerd) -> None:
    """Import the images that containerd lacks, and drop those that no name points at."""
    record = places.run / "images.json"
    loaded = json.loads(record.read_text()) if record.exists() else {}
    present = set(_output(containerd("images", "ls", "--quiet")).split())
    for image in all_of(places):
        if image.name not in present or loaded.get(image.name) != image.digest:
            with step(f"import {image.name}"):
                _import(image, places, containerd("images", "import", "-"))
            loaded[image.name] = image.digest
            record.write_text(json.dumps(loaded))
    _output(containerd("images", "tag", "--force", PLATFORM, SAME_PLATFORM))
    for name in unnamed(_output(containerd("images", "ls"))):
        _output(containerd("images", "rm", "--sync", name))


def unnamed(listing: str) -> list[str]:
    """Of `ctr images ls`, the images that only go by a digest, such as those of an old tag."""
    rows = [line.split() for line in listing.splitlines()[1:]]
    targets = {row[0]: row[2] for row in rows}
    named = {target for name, target in targets.items() if not name.startswith("sha256:")}
    return [
        name
        for name, target in targets.items()
        if name.startswith("sha256:") and target not in named
    ]


def _of_program(places: Places, name: str, program: str, user: int) -> Image:
    def layers_in(folder: Path) -> list[archive.Layer]:
        tar = folder / "program.tar"
        return [archive.layer_of_file(places.binaries / program, program, tar)]

    config = {"Entrypoint": [f"/{program}"], "User": f"{user}:{user}"}
    return Image(name, binaries.digest(program), config, layers_in)


def _layers_of_platform(places: Places) -> Callable[[Path], list[archive.Layer]]:
    def layers_in(folder: Path) -> list[archive.Layer]:
        return [
            archive.layer_of_folder(layer, folder / f"{layer.name}.tar")
            for layer in layers.build(places)
        ]

    return layers_in


def _import(image: Image, places: Places, command: Iterable[str]) -> None:
    with tempfile.TemporaryDirectory(dir=places.home) as folder:
        parts = image.layers(Path(folder))
        with subprocess.Popen(
            [*command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin
            assert process.stderr
            archive.write(process.stdin, image.name, image.config, parts)
            process.stdin.close()
            complaint = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise ClusterError(f"containerd does not take {image.name}: {complaint}")


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
