"""Unpacks what the team's DAGs import: `airflow_packages.py KEY BUCKET FOLDER`.

KEY is that of the archive in the bucket. Until it is there, the program waits. The store, with its
keys, is the Airflow connection in the variable AIRFLOW_CONN_S3DAGS. It needs the standard library
and boto3.
"""

import json
import os
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PAUSE = 3  # seconds between two tries
CLIENT = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 5, "mode": "standard"})


def client(connection: dict[str, Any]) -> Any:
    """The client of the store that an Airflow connection names."""
    return boto3.client(
        "s3",
        aws_access_key_id=connection["login"],
        aws_secret_access_key=connection["password"],
        config=CLIENT,
        **connection["extra"],
    )


def fetch(store: Any, bucket: str, key: str, path: str, wait: Callable[[], None]) -> None:
    """Put the archive at `path`, once the store answers and has it."""
    said = ""
    while True:
        try:
            store.download_file(bucket, key, path)
        except (BotoCoreError, ClientError) as error:
            if str(error) != said:
                said = str(error)
                say(f"waiting for s3://{bucket}/{key}, which `pilothouse up` writes: {said}")
            wait()
        else:
            return


def say(text: str) -> None:
    """A line of the container's log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(key: str, bucket: str, folder: str) -> None:
    """Do it."""
    store = client(json.loads(os.environ["AIRFLOW_CONN_S3DAGS"]))
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
        fetch(store, bucket, key, archive.name, lambda: time.sleep(PAUSE))
        with tarfile.open(archive.name) as tar:
            # Before 3.11.4 Python knows no filters; the archive is our own.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(folder)  # noqa: S202 - filtered
    say(f"s3://{bucket}/{key} is unpacked")


if __name__ == "__main__":
    main(*sys.argv[1:])
