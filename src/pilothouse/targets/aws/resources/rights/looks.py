"""What is asked and cleared whatever a stack is made of: the preflight, the proof of a teardown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pilothouse.targets.aws.resources.rights.right import EC2, IAM, LOGS, SAGEMAKER, Right

LOOKS: Sequence[Right] = (
    Right(
        actions="sts:GetCallerIdentity tag:GetResources servicequotas:ListServiceQuotas"
        " ec2:DescribeRegions ec2:DescribeAvailabilityZones ec2:DescribeVpcs ec2:DescribeSubnets"
        " ec2:DescribeRouteTables ec2:DescribeInternetGateways ec2:DescribeNatGateways"
        " ec2:DescribeAddresses ec2:DescribeSecurityGroups ec2:DescribeVpcEndpoints"
        " ec2:DescribeNetworkInterfaces ec2:DescribeFlowLogs"
    ),
    Right(
        actions="s3:ListAllMyBuckets ecr:DescribeRepositories"
        " elasticfilesystem:DescribeFileSystems elasticfilesystem:DescribeMountTargets"
        " kms:ListKeys kms:ListAliases kms:DescribeKey kms:ListResourceTags"
        " logs:DescribeLogGroups logs:DescribeLogStreams iam:ListRoles iam:ListPolicies"
        " budgets:ViewBudget airflow:ListEnvironments"
    ),
    Right(
        actions="sagemaker:ListApps sagemaker:ListDomains sagemaker:ListMlflowApps"
        " sagemaker:ListMlflowTrackingServers sagemaker:ListModelPackageGroups"
        " sagemaker:ListModelPackages sagemaker:ListPipelines sagemaker:ListPipelineExecutions"
        " sagemaker:ListProcessingJobs sagemaker:ListSpaces sagemaker:ListTrainingJobs"
        " sagemaker:ListUserProfiles sagemaker:DescribeProcessingJob"
        " sagemaker:DescribeTrainingJob"
    ),
    Right(
        actions="iam:SimulatePrincipalPolicy",
        on=[f"{IAM}user/*", f"{IAM}role/*"],
    ),
)
"""What the preflight and the proof of a teardown ask of every stack: whatever a target can make is
looked for, also where this stack makes none of it."""

CLEARING: Mapping[str, Sequence[Right]] = {
    "aws:ec2/vpc:Vpc": [
        Right(
            actions="ec2:DeleteNetworkInterface",
            on=[f"{EC2}network-interface/*"],
        ),
        Right(
            actions="elasticfilesystem:DeleteFileSystem elasticfilesystem:DeleteMountTarget",
            on=["arn:{partition}:elasticfilesystem:{region}:{account}:file-system/*"],
        ),
    ],
    "aws:iam/role:Role": [
        Right(
            actions="sagemaker:StopTrainingJob sagemaker:StopProcessingJob",
            on=[f"{SAGEMAKER}training-job/*", f"{SAGEMAKER}processing-job/*"],
        ),
        Right(
            actions="logs:DeleteLogStream logs:GetLogEvents",
            on=[LOGS + "/aws/sagemaker/*"],
        ),
    ],
    "aws:sagemaker/pipeline:Pipeline": [
        Right(
            actions="sagemaker:StopPipelineExecution",
            on=[SAGEMAKER + "pipeline/{pipelineName}/execution/*"],
        ),
    ],
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": [
        Right(
            actions="sagemaker:DeleteModelPackage",
            on=[SAGEMAKER + "model-package/{modelPackageGroupName}/*"],
        ),
    ],
    "aws:sagemaker/domain:Domain": [
        Right(
            actions="sagemaker:DeleteApp sagemaker:DeleteSpace sagemaker:DeleteUserProfile",
            on=[f"{SAGEMAKER}{kind}/*" for kind in ("app", "space", "user-profile")],
        ),
    ],
    "aws:cloudwatch/logGroup:LogGroup": [
        Right(actions="logs:GetLogEvents", on=[LOGS + "{name}:*"]),
    ],
}
"""What a teardown has to clear besides, by the type that brings it about."""
