"""Requests to SageMaker for jobs: processing and training, in the stack's network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pilothouse.targets.aws.settings.steps import Kind

VOLUME = 30  # GB, for an image of 2 GB and a data set of 120 kB
CHANNEL = "step"
FILES_FOLDER: Mapping[Kind, str] = {
    "Processing": f"/opt/ml/processing/input/{CHANNEL}",
    "Training": f"/opt/ml/input/data/{CHANNEL}",
}
"""Where a job of each kind finds its files."""

# The hardware encrypts their local disks, and SageMaker refuses a key for them.
LOCAL_DISKS = re.compile(r"ml\.(g\w+|p[4-9]\w*|trn\w+|[a-z]+\d+[a-z]*d[a-z]*)\.\w+")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Where jobs run, and with which variables.

    image: their image in ECR, with a tag or a digest.
    environment: the contract's variables, DATA_URI among them; none is secret.
    kms_key: the ARN of the key for disks and artifacts; empty for keys that AWS manages.
    """

    image: str
    role_arn: str
    instance_type: str
    environment: Mapping[str, str]
    subnets: Sequence[str]
    security_groups: Sequence[str]
    kms_key: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job.

    variables: those besides the contract's; a value is a text or an expression of a pipeline.
    seconds: how long it may run. files: the URI of the folder in S3 that is copied to the folder
    of its kind; "" for none.
    """

    kind: Kind
    command: Sequence[str]
    arguments: Sequence[str]
    variables: Mapping[str, object]
    seconds: int
    files: str = ""


def request(workload: Workload, job: Job) -> dict[str, Any]:
    """The CreateProcessingJob or CreateTrainingJob request, without the job's name."""
    build = _processing if job.kind == "Processing" else _training
    return {
        **build(workload, job),
        "Environment": {**workload.environment, **job.variables},
        "RoleArn": workload.role_arn,
        "StoppingCondition": {"MaxRuntimeInSeconds": job.seconds},
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(workload.tags.items())],
    }


def _processing(workload: Workload, job: Job) -> dict[str, Any]:
    copied = {
        "S3Uri": job.files,
        "LocalPath": FILES_FOLDER[job.kind],
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    inputs = {"ProcessingInputs": [{"InputName": CHANNEL, "S3Input": copied}]}
    return {
        "AppSpecification": {"ImageUri": workload.image, **_container(job)},
        "ProcessingResources": {"ClusterConfig": _machine(workload)},
        "NetworkConfig": {"EnableNetworkIsolation": False, "VpcConfig": _network(workload)},
        **(inputs if job.files else {}),
    }


def _training(workload: Workload, job: Job) -> dict[str, Any]:
    output = {"S3OutputPath": f"{workload.environment['DATA_URI']}/training"}
    if workload.kms_key:
        output["KmsKeyId"] = workload.kms_key
    source = {"S3DataType": "S3Prefix", "S3Uri": job.files}
    inputs = {"InputDataConfig": [{"ChannelName": CHANNEL, "DataSource": {"S3DataSource": source}}]}
    algorithm = {"TrainingImage": workload.image, "TrainingInputMode": "File", **_container(job)}
    return {
        "AlgorithmSpecification": algorithm,
        "OutputDataConfig": output,
        "ResourceConfig": _machine(workload),
        "EnableNetworkIsolation": False,
        "VpcConfig": _network(workload),
        **(inputs if job.files else {}),
    }


def _container(job: Job) -> dict[str, list[str]]:
    return {"ContainerEntrypoint": [*job.command], "ContainerArguments": [*job.arguments]}


def _machine(workload: Workload) -> dict[str, Any]:
    machine = {
        "InstanceCount": 1,
        "InstanceType": workload.instance_type,
        "VolumeSizeInGB": VOLUME,
    }
    if workload.kms_key and not LOCAL_DISKS.fullmatch(workload.instance_type):
        machine["VolumeKmsKeyId"] = workload.kms_key
    return machine


def _network(workload: Workload) -> dict[str, list[str]]:
    return {
        "Subnets": list(workload.subnets),
        "SecurityGroupIds": list(workload.security_groups),
    }
