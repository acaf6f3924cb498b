"""The workload's four steps as requests to SageMaker: three processing jobs, one training job.

MWAA or SageMaker Pipelines, which start them, add the run's token and the jobs' names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

STEPS: Mapping[str, Literal["Processing", "Training"]] = {
    "prepare": "Processing",
    "train": "Training",
    "register": "Processing",
    "predict": "Processing",
}
"""The workload's steps in their order, and the kind of job that each is."""

COMMAND = "pilothouse-workload"
VOLUME = 30  # GB, for an image of 2 GB and a data set of 120 kB
LIMIT = 1800  # seconds that a step may run; it takes less than a minute

# The hardware encrypts their local disks, and SageMaker refuses a key for them.
LOCAL_DISKS = re.compile(r"ml\.(g\w+|p[4-9]\w*|trn\w+|[a-z]+\d+[a-z]*d[a-z]*)\.\w+")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Where the workload runs, and with which variables.

    image: its image in ECR, with a tag or a digest.
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


def request(workload: Workload, step: str, token: object) -> dict[str, Any]:
    """The step's CreateProcessingJob or CreateTrainingJob request, without the job's name.

    `token` is the value of RUN_TOKEN: a text, or a pipeline's reference to its parameter.
    """
    job = _processing(workload, step) if STEPS[step] == "Processing" else _training(workload, step)
    return {
        **job,
        "Environment": {**workload.environment, "RUN_TOKEN": token},
        "RoleArn": workload.role_arn,
        "StoppingCondition": {"MaxRuntimeInSeconds": LIMIT},
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(workload.tags.items())],
    }


def _processing(workload: Workload, step: str) -> dict[str, Any]:
    return {
        "AppSpecification": {"ImageUri": workload.image, **_container(step)},
        "ProcessingResources": {"ClusterConfig": _machine(workload)},
        "NetworkConfig": {"EnableNetworkIsolation": False, "VpcConfig": _network(workload)},
    }


def _training(workload: Workload, step: str) -> dict[str, Any]:
    output = {"S3OutputPath": f"{workload.environment['DATA_URI']}/training"}
    if workload.kms_key:
        output["KmsKeyId"] = workload.kms_key
    algorithm = {"TrainingImage": workload.image, "TrainingInputMode": "File", **_container(step)}
    return {
        "AlgorithmSpecification": algorithm,
        "OutputDataConfig": output,
        "ResourceConfig": _machine(workload),
        "EnableNetworkIsolation": False,
        "VpcConfig": _network(workload),
    }


def _container(step: str) -> dict[str, list[str]]:
    return {"ContainerEntrypoint": [COMMAND], "ContainerArguments": [step]}


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
