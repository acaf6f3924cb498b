"""SageMaker's jobs, carried out: the program of a container with its files and its variables.

There is no container: `python` is this interpreter, and the folders of `/opt/ml` are a job's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from moto.sagemaker.responses import SageMakerResponse

_PROGRAMS = {"python": sys.executable}


class JobFailed(Exception):
    """A job ended with a failure; `metadata` is what a pipeline's step says of it."""

    def __init__(self, reason: str, metadata: Mapping[str, Any]) -> None:
        super().__init__(reason)
        self.metadata = metadata


@dataclass(frozen=True)
class Machines:
    """Where jobs are carried out: in folders of `folder`, for the services at `address`.

    variables: what leads a job to services that are elsewhere.
    """

    folder: Path
    address: str
    region: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, kind: str, name: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry the job out; raises JobFailed where it does not succeed."""
        arn = f"arn:aws:sagemaker:{self.region}:123456789012:{kind.lower()}-job/{name}"
        metadata = {f"{kind}Job": {"Arn": arn}}
        container = request.get("AppSpecification") or request["AlgorithmSpecification"]
        home = self.folder / name
        home.mkdir(parents=True)
        places = dict(self._copy_files(request, home))
        command = [*container["ContainerEntrypoint"], *container["ContainerArguments"]]
        given = {
            "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "HOME": str(home),
            "TMPDIR": str(home), "AWS_ENDPOINT_URL": self.address, "PATH": os.defpath,
        }  # fmt: skip
        variables = {**given, **self.variables, **request["Environment"]}
        limit = request["StoppingCondition"]["MaxRuntimeInSeconds"]
        try:
            done = subprocess.run(
                [_place(word, places) for word in command], env=variables,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise JobFailed("MaxRuntimeExceeded", metadata) from None
        self._log(kind, name, done.stdout)
        if done.returncode:
            raise JobFailed(f"AlgorithmError: exit code: {done.returncode}", metadata)
        return metadata

    def client(self, service: str) -> Any:
        """A client of the services."""
        make: Any = boto3.client  # the stubs know a few services only
        return make(
            service, endpoint_url=self.address, region_name=self.region,
            aws_access_key_id="key", aws_secret_access_key="secret",
        )  # fmt: skip

    def _copy_files(self, request: Mapping[str, Any], home: Path) -> Iterator[tuple[str, str]]:
        for wanted in request.get("ProcessingInputs", []):
            source = wanted["S3Input"]
            yield source["LocalPath"], self._copy(source["S3Uri"], home / wanted["InputName"])
        for channel in request.get("InputDataConfig", []):
            uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
            folder = f"/opt/ml/input/data/{channel['ChannelName']}"
            yield folder, self._copy(uri, home / channel["ChannelName"])

    def _copy(self, uri: str, folder: Path) -> str:
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        folder.mkdir()
        client = self.client("s3")
        for found in client.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
            client.download_file(bucket, found["Key"], folder / found["Key"].removeprefix(prefix))
        return str(folder)

    def _log(self, kind: str, name: str, said: str) -> None:
        client, group = self.client("logs"), f"/aws/sagemaker/{kind}Jobs"
        if not client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            client.create_log_group(logGroupName=group)
        stream = f"{name}/algo-1-1700000000"
        client.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line or " "} for line in said.splitlines()]
        if events:
            client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


@contextmanager
def carried_out_by(machines: Machines) -> Iterator[None]:
    """Each job that SageMaker is asked for is carried out, by a thread of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("Processing", "Training"):
            patch.setattr(
                SageMakerResponse, f"create_{kind.lower()}_job", _creating(kind, machines)
            )
        yield


def _creating(kind: str, machines: Machines) -> Callable[[Any], Any]:
    theirs = getattr(SageMakerResponse, f"create_{kind.lower()}_job")
    field = kind.lower()
    status = f"{field}_job_status"

    def carry_out(job: Any, request: Mapping[str, Any]) -> None:
        try:
            machines.run(kind, request[f"{kind}JobName"], request)
        except JobFailed as error:
            job.failure_reason = str(error)
            setattr(job, status, "Failed")
        else:
            setattr(job, status, "Completed")

    def create(self: Any) -> Any:
        answer = theirs(self)
        request = json.loads(self.body)
        job = getattr(self.sagemaker_backend, f"{field}_jobs")[request[f"{kind}JobName"]]
        setattr(job, status, "InProgress")
        Thread(target=carry_out, args=(job, request), daemon=True).start()
        return answer

    return create


def _place(word: str, places: Mapping[str, str]) -> str:
    for container, here in places.items():
        if word.startswith(f"{container}/"):
            return here + word.removeprefix(container)
    return _PROGRAMS.get(word, word)
