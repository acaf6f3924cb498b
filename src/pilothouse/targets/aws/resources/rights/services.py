"""What each type of a managed service, of storage and of what stands around them needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pilothouse.targets.aws.resources.rights.right import EC2, IAM, LOGS, SAGEMAKER, Right


def _of_bucket(actions: str) -> list[Right]:
    return [Right(actions=actions, on=["arn:{partition}:s3:::{bucket}"], of="aws:s3/bucket:Bucket")]


def _sagemaker(kind: str, name: str, actions: str, listed: str) -> list[Right]:
    tags = "sagemaker:AddTags sagemaker:DeleteTags sagemaker:ListTags"
    return [
        Right(actions=f"{actions} {tags}", on=[f"{SAGEMAKER}{kind}/{name}"]),
        Right(actions=listed),
    ]


def _passes(*services: str) -> Right:
    """The roles of the graph, to these services only."""
    names = [f"{service}.amazonaws.com" for service in services]
    role = "aws:iam/role:Role"
    return Right(actions="iam:PassRole", on=[IAM + "role/{name}"], of=role, passed_to=names)


_ROLE = "aws:iam/role:Role"
_GRANTS = Right(
    actions="kms:CreateGrant kms:DescribeKey kms:Encrypt kms:Decrypt kms:GenerateDataKey*"
    " kms:ReEncrypt*",
    on=["arn:{partition}:kms:{region}:{account}:key/*"],
    tagged="resource",
)

SERVICES: Mapping[str, Sequence[Right]] = {
    "aws:s3/bucket:Bucket": [
        *_of_bucket(
            "s3:CreateBucket s3:DeleteBucket s3:ListBucket s3:ListBucketVersions s3:GetBucket*"
            " s3:ListBucketMultipartUploads"
            " s3:GetAccelerateConfiguration s3:GetEncryptionConfiguration"
            " s3:GetLifecycleConfiguration s3:GetReplicationConfiguration s3:PutBucketTagging"
            " s3:ListTagsForResource s3:TagResource s3:UntagResource"
        ),
        Right(
            actions="s3:DeleteObject s3:DeleteObjectVersion s3:AbortMultipartUpload",
            on=["arn:{partition}:s3:::{bucket}/*"],
        ),
    ],
    "aws:s3/bucketVersioning:BucketVersioning": _of_bucket(
        "s3:GetBucketVersioning s3:PutBucketVersioning"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _of_bucket(
        "s3:GetBucketPublicAccessBlock s3:PutBucketPublicAccessBlock"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _of_bucket("s3:GetEncryptionConfiguration s3:PutEncryptionConfiguration")
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _of_bucket(
        "s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _of_bucket(
        "s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _of_bucket(
        "s3:GetBucketOwnershipControls s3:PutBucketOwnershipControls"
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": [
        Right(
            actions="s3:PutObject s3:GetObject s3:GetObjectTagging s3:PutObjectTagging"
            " s3:GetObjectVersion s3:DeleteObject s3:DeleteObjectVersion",
            on=["arn:{partition}:s3:::{bucket}/*"],
            of="aws:s3/bucket:Bucket",
        ),
        _GRANTS,
    ],
    "aws:kms/key:Key": [
        Right(actions="kms:CreateKey kms:TagResource", tagged="request"),
        Right(
            actions="kms:DescribeKey kms:GetKeyPolicy kms:PutKeyPolicy kms:GetKeyRotationStatus"
            " kms:EnableKeyRotation kms:DisableKeyRotation kms:UpdateKeyDescription"
            " kms:TagResource kms:UntagResource kms:ListResourceTags kms:ScheduleKeyDeletion"
            " kms:EnableKey kms:DisableKey",
            on=["arn:{partition}:kms:{region}:{account}:key/*"],
            tagged="resource",
        ),
        Right(actions="kms:ListKeys"),
    ],
    "aws:kms/alias:Alias": [
        Right(
            actions="kms:CreateAlias kms:UpdateAlias kms:DeleteAlias",
            on=["arn:{partition}:kms:{region}:{account}:{name}"],
        ),
        Right(
            actions="kms:CreateAlias kms:UpdateAlias kms:DeleteAlias",
            on=["arn:{partition}:kms:{region}:{account}:key/*"],
            tagged="resource",
        ),
        Right(actions="kms:ListAliases"),
    ],
    "aws:iam/role:Role": [
        Right(
            actions="iam:CreateRole iam:GetRole iam:UpdateRole iam:UpdateRoleDescription"
            " iam:UpdateAssumeRolePolicy iam:TagRole iam:UntagRole iam:ListRoleTags"
            " iam:ListRolePolicies iam:ListAttachedRolePolicies iam:ListInstanceProfilesForRole"
            " iam:GetRolePolicy iam:DeleteRole iam:DeleteRolePolicy iam:DetachRolePolicy",
            on=[IAM + "role/{name}"],
        ),
    ],
    "aws:iam/rolePolicy:RolePolicy": [
        Right(
            actions="iam:PutRolePolicy iam:GetRolePolicy iam:DeleteRolePolicy",
            on=[IAM + "role/{name}"],
            of=_ROLE,
        ),
    ],
    "aws:mwaa/environment:Environment": [
        Right(
            actions="airflow:CreateEnvironment airflow:GetEnvironment airflow:UpdateEnvironment"
            " airflow:DeleteEnvironment airflow:TagResource airflow:UntagResource"
            " airflow:ListTagsForResource",
            on=["arn:{partition}:airflow:{region}:{account}:environment/{name}"],
        ),
        _passes("airflow", "airflow-env"),
        Right(
            actions="iam:CreateServiceLinkedRole",
            on=[IAM + "role/aws-service-role/airflow.amazonaws.com/*"],
        ),
        Right(
            actions="ec2:CreateVpcEndpoint ec2:CreateNetworkInterface",
            on=[
                f"{EC2}{kind}/*"
                for kind in ("vpc", "subnet", "security-group", "vpc-endpoint", "network-interface")
            ],
        ),
        Right(actions="ec2:DescribeSubnets ec2:DescribeVpcs ec2:DescribeSecurityGroups"),
        _GRANTS,
    ],
    "aws:sagemaker/mlflowApp:MlflowApp": [
        *_sagemaker(
            "mlflow-app",
            "*",  # its ARN ends with an id of AWS's own
            "sagemaker:CreateMlflowApp sagemaker:DescribeMlflowApp sagemaker:UpdateMlflowApp"
            " sagemaker:DeleteMlflowApp",
            "sagemaker:ListMlflowApps",
        ),
        _passes("sagemaker"),
    ],
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": [
        *_sagemaker(
            "mlflow-tracking-server",
            "{trackingServerName}",
            "sagemaker:CreateMlflowTrackingServer sagemaker:DescribeMlflowTrackingServer"
            " sagemaker:UpdateMlflowTrackingServer sagemaker:DeleteMlflowTrackingServer",
            "sagemaker:ListMlflowTrackingServers",
        ),
        _passes("sagemaker"),
    ],
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _sagemaker(
        "model-package-group",
        "{modelPackageGroupName}",
        "sagemaker:CreateModelPackageGroup sagemaker:DescribeModelPackageGroup"
        " sagemaker:DeleteModelPackageGroup",
        "sagemaker:ListModelPackageGroups",
    ),
    "aws:sagemaker/pipeline:Pipeline": [
        *_sagemaker(
            "pipeline",
            "{pipelineName}",
            "sagemaker:CreatePipeline sagemaker:DescribePipeline sagemaker:UpdatePipeline"
            " sagemaker:DeletePipeline",
            "sagemaker:ListPipelines",
        ),
        _passes("sagemaker"),
    ],
    "aws:sagemaker/domain:Domain": [
        *_sagemaker(
            "domain",
            "*",  # its ARN ends with an id of AWS's own
            "sagemaker:CreateDomain sagemaker:DescribeDomain sagemaker:UpdateDomain"
            " sagemaker:DeleteDomain",
            "sagemaker:ListDomains",
        ),
        _passes("sagemaker"),
        _GRANTS,
        Right(
            actions="iam:CreateServiceLinkedRole",
            on=[IAM + "role/aws-service-role/sagemaker.amazonaws.com/*"],
        ),
        Right(actions="elasticfilesystem:CreateFileSystem"),
    ],
    "aws:sagemaker/userProfile:UserProfile": _sagemaker(
        "user-profile",
        "*/{userProfileName}",
        "sagemaker:CreateUserProfile sagemaker:DescribeUserProfile sagemaker:UpdateUserProfile"
        " sagemaker:DeleteUserProfile",
        "sagemaker:ListUserProfiles",
    ),
    "aws:ecr/repository:Repository": [
        Right(
            actions="ecr:CreateRepository ecr:DescribeRepositories ecr:DeleteRepository"
            " ecr:TagResource ecr:UntagResource ecr:ListTagsForResource"
            " ecr:PutImageScanningConfiguration ecr:PutImageTagMutability",
            on=["arn:{partition}:ecr:{region}:{account}:repository/{name}"],
        ),
        _GRANTS,
    ],
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": [
        Right(
            actions="ecr:GetLifecyclePolicy ecr:PutLifecyclePolicy ecr:DeleteLifecyclePolicy",
            on=["arn:{partition}:ecr:{region}:{account}:repository/{name}"],
            of="aws:ecr/repository:Repository",
        ),
    ],
    "aws:cloudwatch/logGroup:LogGroup": [
        Right(
            actions="logs:CreateLogGroup logs:PutRetentionPolicy logs:DeleteRetentionPolicy"
            " logs:DeleteLogGroup logs:AssociateKmsKey logs:DisassociateKmsKey logs:TagResource"
            " logs:UntagResource logs:ListTagsForResource",
            on=[LOGS + "{name}", LOGS + "{name}:*"],
        ),
        Right(actions="logs:DescribeLogGroups"),
    ],
    "aws:budgets/budget:Budget": [
        Right(
            actions="budgets:ViewBudget budgets:ModifyBudget budgets:TagResource"
            " budgets:UntagResource budgets:ListTagsForResource",
            on=["arn:{partition}:budgets::{account}:budget/{name}"],
        ),
    ],
}
