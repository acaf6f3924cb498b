"""A real image registry on this machine, Debian's docker-registry, and small images to push."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

PROGRAM = "docker-registry"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
START_SECONDS = 20


@dataclass(frozen=True)
class Registry:
    """A registry that runs; `headers` are those of somebody who may push."""

    host: str
    headers: Mapping[str, str]

    def push(self, name: str, tag: str, *, content: str = "1") -> str:
        """Push an image of one architecture; returns its digest."""
        manifest = self._image(name, content)
        return self._put(name, tag, manifest, MANIFEST)

    def push_index(self, name: str, tag: str, *, content: str = "1") -> str:
        """Push an image of two architectures under one tag; returns the digest of their index."""
        parts = []
        for architecture in ("amd64", "arm64"):
            manifest = self._image(name, content + architecture)
            digest = self._put(name, digest_of(manifest), manifest, MANIFEST)
            parts.append(
                {
                    "mediaType": MANIFEST,
                    "digest": digest,
                    "size": len(manifest),
                    "platform": {"os": "linux", "architecture": architecture},
                }
            )
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": parts}
        return self._put(name, tag, json.dumps(index).encode(), INDEX)

    def _image(self, name: str, content: str) -> bytes:
        config = self._blob(name, json.dumps({"os": "linux", "variant": content}).encode())
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, **config},
            "layers": [],
        }
        return json.dumps(manifest).encode()

    def _blob(self, name: str, content: bytes) -> dict[str, Any]:
        began = httpx.post(f"http://{self.host}/v2/{name}/blobs/uploads/", headers=self.headers)
        assert began.status_code == httpx.codes.ACCEPTED, began.text
        digest = digest_of(content)
        address = httpx.URL(began.headers["Location"]).copy_merge_params({"digest": digest})
        done = httpx.put(address, content=content, headers=self.headers)
        assert done.status_code == httpx.codes.CREATED, done.text
        return {"digest": digest, "size": len(content)}

    def _put(self, name: str, tag: str, manifest: bytes, kind: str) -> str:
        done = httpx.put(
            f"http://{self.host}/v2/{name}/manifests/{tag}",
            content=manifest,
            headers={**self.headers, "Content-Type": kind},
        )
        assert done.status_code == httpx.codes.CREATED, done.text
        return digest_of(manifest)


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@contextmanager
def running_registry(
    folder: Path,
    *,
    auth: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Registry]:
    """A registry in a folder of its own, until it is no longer needed."""
    program = _program()
    port = _free_port()
    config: dict[str, Any] = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if auth:
        config["auth"] = dict(auth)
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(config))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program, "serve", str(file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait_for(process, port, folder / "log")
        yield Registry(f"127.0.0.1:{port}", dict(headers or {}))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _program() -> str:
    found = shutil.which(PROGRAM)
    if not found and os.environ.get("CI"):
        pytest.fail(f"{PROGRAM} is not on PATH: install Debian's package of that name")
    return found or pytest.skip(f"{PROGRAM} is not on PATH")


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"the registry does not start: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
