"""The object store of the live tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from .services import BUCKET, KEYS, environment, free_ports, running


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An S3 client of a SeaweedFS with one empty bucket."""
    folder = tmp_path_factory.mktemp("seaweedfs")
    ports = free_ports(8)
    names = ("s3.port", "s3.port.grpc", "filer.port", "filer.port.grpc", "master.port",
             "master.port.grpc", "volume.port", "volume.port.grpc")  # fmt: skip
    options = [f"-{name}={port}" for name, port in zip(names, ports, strict=True)]
    command = [
        str(environment("services") / "bin" / "weed"), "server", f"-dir={folder}", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", "-filer", "-s3", "-master.telemetry=false", "-master.peers=none",
        "-volume.max=0", "-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-filer.localSocket={folder}/f", f"-s3.localSocket={folder}/s", *options,
    ]  # fmt: skip
    url = f"http://127.0.0.1:{ports[0]}"
    secrets = {name: value for name, value in KEYS.items() if name != "AWS_REGION"}
    with running(command, folder, f"{url}/healthz", TMPDIR=str(folder), **secrets):
        client = boto3.client("s3", endpoint_url=url, region_name="us-east-1",
                              aws_access_key_id="key", aws_secret_access_key="secret")  # fmt: skip
        client.create_bucket(Bucket=BUCKET)
        yield client
    for port, part in zip(ports[1::2], ("s3", "filer", "master", "volume"), strict=True):
        Path(f"/tmp/seaweedfs-{part}-grpc-{port}.sock").unlink(missing_ok=True)
