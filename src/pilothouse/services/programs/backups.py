"""Keeps dumps of databases in a bucket: `backups.py store`, `fetch` or `list`.

BUCKET is where they are kept; what else is in it is left alone. A backup is a folder of it, named
by its time in UTC, with a file `<database>.dump` for each database and MANIFEST, which is written
last: without it a backup is not whole, and nobody is offered it. DUMPS is the folder of the files
on this side.
`store` keeps what is in DUMPS, then removes all but the newest KEEP backups. `fetch` puts the
backup BACKUP into DUMPS. `list` writes what is whole as one line of JSON, the oldest first: a list
of objects with `name` and `bytes`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

MANIFEST = "manifest.json"
NAME = re.compile(r"\d{8}T\d{6}Z")
Manifest = dict[str, dict[str, Any]]


def main(command: str) -> None:
    """Do one of them."""
    client, bucket = boto3.client("s3"), os.environ["BUCKET"]
    if command == "list":
        _say(json.dumps(list(listed(client, bucket))))
        return
    dumps = Path(os.environ["DUMPS"])
    if command == "store":
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        store(client, bucket, dumps, name)
        prune(client, bucket, keep=int(os.environ["KEEP"]), newest=name)
    else:
        fetch(client, bucket, dumps, os.environ["BACKUP"])


def store(client: Any, bucket: str, dumps: Path, name: str) -> None:
    """Keep every dump as the backup `name`; SystemExit if there is none."""
    files = sorted(dumps.glob("*.dump"))
    if not files:
        sys.exit(f"no dump in {dumps}")
    for file in files:
        client.upload_file(str(file), bucket, f"{name}/{file.name}")
    manifest = {file.name: _described(file) for file in files}
    body = json.dumps(manifest).encode()
    client.put_object(Bucket=bucket, Key=f"{name}/{MANIFEST}", Body=body)
    _say(f"{name}: {', '.join(manifest)}")


def prune(client: Any, bucket: str, *, keep: int, newest: str) -> None:
    """Remove what is older than the newest `keep` backups, and what a killed run left half made.

    What is newer than `newest` may still be in the making by another.
    """
    kept = [each["name"] for each in listed(client, bucket)][-keep:]
    for key in _keys(client, bucket):
        name = key.partition("/")[0]
        if name < newest and name not in kept:
            client.delete_object(Bucket=bucket, Key=key)
            _say(f"removed {key}")


def fetch(client: Any, bucket: str, dumps: Path, name: str) -> None:
    """Put a backup into `dumps`; SystemExit if a file is not what was stored."""
    for file, stored in _manifest(client, bucket, name).items():
        path = dumps / Path(file).name
        client.download_file(bucket, f"{name}/{file}", str(path))
        if _described(path) != stored:
            sys.exit(f"{name}/{file} is not what was stored: nothing was restored")
        _say(f"{name}/{file}")


def listed(client: Any, bucket: str) -> Iterator[dict[str, Any]]:
    """Every whole backup, the oldest first."""
    whole = [key for key in _keys(client, bucket) if key.endswith(f"/{MANIFEST}")]
    for name in sorted(key.partition("/")[0] for key in whole):
        files = _manifest(client, bucket, name).values()
        yield {"name": name, "bytes": sum(file["bytes"] for file in files)}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _manifest(client: Any, bucket: str, name: str) -> Manifest:
    found = client.get_object(Bucket=bucket, Key=f"{name}/{MANIFEST}")
    return dict(json.loads(found["Body"].read()))


def _keys(client: Any, bucket: str) -> list[str]:
    """The keys of everything that is of a backup."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [each["Key"] for page in pages for each in page.get("Contents", [])]
    return [key for key in found if NAME.fullmatch(key.partition("/")[0])]


def _described(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest}


if __name__ == "__main__":
    main(sys.argv[1])
