"""What MWAA and SageMaker need to be there before an environment or a pipeline can be made."""

from __future__ import annotations

import json

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.components.pipeline_definition import definition
from pilothouse.targets.aws.components.sagemaker_jobs import Workload
from testkit.support.aws import REGION

ROLE = "arn:aws:iam::123456789012:role/pilot-job-role"


def make_bucket(name: str) -> None:
    """A versioned bucket."""
    s3 = api.client("s3", REGION)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    versioning = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)


def make_mwaa(name: str, version: str = "3.0.6") -> str:
    """An environment that is ready; its ARN."""
    ec2, mwaa = api.client("ec2", REGION), api.client("mwaa", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{z}")
        for n, z in enumerate("ab")
    ]
    make_bucket(f"{name}-dags")
    made = mwaa.create_environment(
        Name=name,
        AirflowVersion=version,
        DagS3Path="dags",
        ExecutionRoleArn=ROLE,
        NetworkConfiguration={"SubnetIds": [s["Subnet"]["SubnetId"] for s in subnets]},
        SourceBucketArn=f"arn:aws:s3:::{name}-dags",
    )
    mwaa.get_environment(Name=name)  # it is CREATING at the first look
    return str(made["Arn"])


def make_pipeline(name: str, environment: dict[str, str]) -> str:
    """The workload's pipeline; its ARN."""
    made = api.client("sagemaker", REGION).create_pipeline(
        PipelineName=name,
        PipelineDefinition=json.dumps(
            definition(
                Workload(
                    image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/pilot-workload:0.1.0",
                    role_arn=ROLE,
                    instance_type="ml.m5.large",
                    environment=environment,
                    subnets=["subnet-1"],
                    security_groups=["sg-1"],
                )
            )
        ),
        ClientRequestToken="x" * 32,
        RoleArn=ROLE,
    )
    return str(made["PipelineArn"])
