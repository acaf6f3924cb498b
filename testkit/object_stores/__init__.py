"""Emulators of object stores, on loopback and in memory, from pinned packages.

`locks/clients.in` is the workload with the SDKs that reach them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from testkit.support import environments, node

HERE = Path(__file__).parent
LOCKS = HERE / "locks"
BUCKET = "pilot-data"
# Azurite's own, the same in every one of them.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """A server to start, and how its clients find it.

    url: answers with `status` once it can be used. make: a program that makes `BUCKET`, for a
    Python with the SDK. uri: a `DATA_URI` in that.
    """

    command: list[str]
    url: str
    status: int = 200
    variables: Mapping[str, str]
    make: str
    uri: str

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            return httpx.get(self.url, timeout=2).status_code == self.status
        except httpx.HTTPError:
            return False


def google(port: int) -> Emulator:
    """A Google Cloud Storage: fake-gcs-server."""
    [program] = environments.installed("gcs", LOCKS / "gcs.txt").glob(
        "lib/python*/site-packages/*/vendor/fake-gcs-server/bin/fake-gcs-server-*"
    )
    url = f"http://127.0.0.1:{port}"
    options = ("-host", "127.0.0.1", "-port", str(port), "-scheme", "http", "-backend", "memory")
    return Emulator(
        command=[str(program), *options, "-external-url", url],
        url=f"{url}/_internal/healthcheck",
        variables={"STORAGE_EMULATOR_HOST": url},
        make=f"from google.cloud.storage import Client; Client().create_bucket({BUCKET!r})",
        uri=f"gs://{BUCKET}/team",
    )


def azure(port: int, into: Path) -> Emulator:
    """An Azure Blob Storage: Azurite, whose packages are put below `into`."""
    installed_node = node.install(HERE / "npm", into)
    program = into / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    options = ("--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence")
    quiet = ("--skipApiVersionCheck", "--disableTelemetry", "--silent")
    url = f"http://127.0.0.1:{port}/{ACCOUNT}"
    text = connection_string(url)
    make = f"ContainerClient.from_connection_string({text!r}, {BUCKET!r}).create_container()"
    return Emulator(
        command=[str(installed_node), str(program), *options, *quiet],
        url=url,
        status=400,
        variables={"AZURE_STORAGE_CONNECTION_STRING": text},
        make=f"from azure.storage.blob import ContainerClient; {make}",
        uri=f"https://{ACCOUNT}.blob.core.windows.net/{BUCKET}/team",
    )


def connection_string(url: str) -> str:
    """What opens the account of an Azurite whose blobs are at this URL."""
    parts = {
        "DefaultEndpointsProtocol": "http",
        "AccountName": ACCOUNT,
        "AccountKey": KEY,
        "BlobEndpoint": url,
    }
    return ";".join(f"{name}={value}" for name, value in parts.items())
