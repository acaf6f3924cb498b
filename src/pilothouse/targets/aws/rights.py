"""Which rights each type of resource needs, and on what: the table behind the deployer's policy.

From AWS's service authorization reference and the provider's own calls. A right is scoped to the
names of the graph where the service can do that; what EC2 makes has no name of ours, so it is told
by the stack's tag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Tagged = Literal["", "request", "resource"]

ANY = "*"
EC2 = "arn:aws:ec2:{region}:{account}:"
SAGEMAKER = "arn:aws:sagemaker:{region}:{account}:"
IAM = "arn:aws:iam::{account}:"
LOGS = "arn:aws:logs:{region}:{account}:log-group:"


@dataclass(frozen=True, kw_only=True)
class Right:
    """Actions on resources.

    actions: separated by blanks.
    on: ARNs, in which `{region}`, `{account}` and the inputs of each resource are put.
    of: the type whose resources' inputs these are; empty for the type itself.
    tagged: whether the request, or the resource, must bear the stack's tag.
    passed_to: the services to which a role may be passed.
    """

    actions: str
    on: Sequence[str] = (ANY,)
    of: str = ""
    tagged: Tagged = ""
    passed_to: Sequence[str] = ()


def _ec2(kind: str, create: str, change: str, read: str, needs: Sequence[str] = ()) -> list[Right]:
    """A kind that EC2 makes: created with the stack's tag, changed only if it bears it."""
    own = f"{EC2}{kind}/*"
    return [
        Right(actions=f"{create} ec2:CreateTags", on=[own], tagged="request"),
        Right(actions=f"{change} ec2:DeleteTags", on=[own], tagged="resource"),
        Right(actions=read),
        *([Right(actions=create, on=[f"{EC2}{need}/*" for need in needs])] if needs else []),
    ]


def _of_bucket(actions: str) -> list[Right]:
    return [Right(actions=actions, on=["arn:aws:s3:::{bucket}"], of="aws:s3/bucket:Bucket")]


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
    on=["arn:aws:kms:{region}:{account}:key/*"],
    tagged="resource",
)
_RULES = [
    Right(
        actions="ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress"
        " ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress"
        " ec2:ModifySecurityGroupRules",
        on=[f"{EC2}security-group/*"],
        tagged="resource",
    ),
    Right(
        actions="ec2:CreateTags ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress",
        on=[f"{EC2}security-group-rule/*"],
        tagged="request",
    ),
    Right(actions="ec2:DescribeSecurityGroupRules ec2:DescribeSecurityGroups"),
]

RIGHTS: Mapping[str, Sequence[Right]] = {
    "aws:ec2/vpc:Vpc": _ec2(
        "vpc",
        "ec2:CreateVpc",
        "ec2:ModifyVpcAttribute ec2:DeleteVpc",
        "ec2:DescribeVpcs ec2:DescribeVpcAttribute ec2:DescribeNetworkAcls"
        " ec2:DescribeRouteTables ec2:DescribeSecurityGroups",
    ),
    "aws:ec2/subnet:Subnet": _ec2(
        "subnet",
        "ec2:CreateSubnet",
        "ec2:ModifySubnetAttribute ec2:DeleteSubnet",
        "ec2:DescribeSubnets ec2:DescribeNetworkInterfaces",
        needs=["vpc"],
    ),
    "aws:ec2/internetGateway:InternetGateway": [
        *_ec2(
            "internet-gateway",
            "ec2:CreateInternetGateway",
            "ec2:AttachInternetGateway ec2:DetachInternetGateway ec2:DeleteInternetGateway",
            "ec2:DescribeInternetGateways",
        ),
        Right(
            actions="ec2:AttachInternetGateway ec2:DetachInternetGateway",
            on=[f"{EC2}vpc/*"],
            tagged="resource",
        ),
    ],
    "aws:ec2/eip:Eip": [
        *_ec2(
            "elastic-ip",
            "ec2:AllocateAddress",
            "ec2:ReleaseAddress ec2:DisassociateAddress",
            "ec2:DescribeAddresses ec2:DescribeAddressesAttribute",
        ),
    ],
    "aws:ec2/natGateway:NatGateway": _ec2(
        "natgateway",
        "ec2:CreateNatGateway",
        "ec2:DeleteNatGateway",
        "ec2:DescribeNatGateways",
        needs=["subnet", "elastic-ip"],
    ),
    "aws:ec2/routeTable:RouteTable": _ec2(
        "route-table",
        "ec2:CreateRouteTable",
        "ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute ec2:DisassociateRouteTable"
        " ec2:DeleteRouteTable",
        "ec2:DescribeRouteTables",
        needs=["vpc"],
    ),
    "aws:ec2/route:Route": [
        Right(
            actions="ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute",
            on=[f"{EC2}route-table/*"],
            tagged="resource",
        ),
        Right(actions="ec2:DescribeRouteTables"),
    ],
    "aws:ec2/routeTableAssociation:RouteTableAssociation": [
        Right(
            actions="ec2:AssociateRouteTable ec2:DisassociateRouteTable"
            " ec2:ReplaceRouteTableAssociation",
            on=[f"{EC2}route-table/*", f"{EC2}subnet/*"],
            tagged="resource",
        ),
        Right(actions="ec2:DescribeRouteTables"),
    ],
    "aws:ec2/securityGroup:SecurityGroup": [
        *_ec2(
            "security-group",
            "ec2:CreateSecurityGroup",
            "ec2:DeleteSecurityGroup",
            "ec2:DescribeNetworkInterfaces",
            needs=["vpc"],
        ),
        *_RULES,
    ],
    "aws:ec2/securityGroupRule:SecurityGroupRule": _RULES,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": [
        *_RULES,
        Right(actions="ec2:CreateTags", on=[f"{EC2}security-group/*"], tagged="request"),
        Right(actions="ec2:DeleteTags", on=[f"{EC2}security-group/*"], tagged="resource"),
    ],
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULES,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULES,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2(
        "vpc-endpoint",
        "ec2:CreateVpcEndpoint",
        "ec2:ModifyVpcEndpoint ec2:DeleteVpcEndpoints",
        "ec2:DescribeVpcEndpoints ec2:DescribePrefixLists",
        needs=["vpc", "subnet", "route-table", "security-group"],
    ),
    "aws:ec2/flowLog:FlowLog": _ec2(
        "vpc-flow-log",
        "ec2:CreateFlowLogs",
        "ec2:DeleteFlowLogs",
        "ec2:DescribeFlowLogs",
        needs=["vpc"],
    ),
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
            on=["arn:aws:s3:::{bucket}/*"],
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
            on=["arn:aws:s3:::{bucket}/*"],
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
            on=["arn:aws:kms:{region}:{account}:key/*"],
            tagged="resource",
        ),
        Right(actions="kms:ListKeys"),
    ],
    "aws:kms/alias:Alias": [
        Right(
            actions="kms:CreateAlias kms:UpdateAlias kms:DeleteAlias",
            on=["arn:aws:kms:{region}:{account}:{name}"],
        ),
        Right(
            actions="kms:CreateAlias kms:UpdateAlias kms:DeleteAlias",
            on=["arn:aws:kms:{region}:{account}:key/*"],
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
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": [
        Right(
            actions="iam:AttachRolePolicy iam:DetachRolePolicy iam:ListAttachedRolePolicies",
            on=[IAM + "role/{name}"],
            of=_ROLE,
        ),
    ],
    "aws:iam/policy:Policy": [
        Right(
            actions="iam:CreatePolicy iam:GetPolicy iam:GetPolicyVersion iam:ListPolicyVersions"
            " iam:CreatePolicyVersion iam:DeletePolicyVersion iam:DeletePolicy iam:TagPolicy"
            " iam:UntagPolicy",
            on=[IAM + "policy/{name}"],
        ),
    ],
    "aws:mwaa/environment:Environment": [
        Right(
            actions="airflow:CreateEnvironment airflow:GetEnvironment airflow:UpdateEnvironment"
            " airflow:DeleteEnvironment airflow:TagResource airflow:UntagResource"
            " airflow:ListTagsForResource",
            on=["arn:aws:airflow:{region}:{account}:environment/{name}"],
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
            on=["arn:aws:ecr:{region}:{account}:repository/{name}"],
        ),
        _GRANTS,
    ],
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": [
        Right(
            actions="ecr:GetLifecyclePolicy ecr:PutLifecyclePolicy ecr:DeleteLifecyclePolicy",
            on=["arn:aws:ecr:{region}:{account}:repository/{name}"],
            of="aws:ecr/repository:Repository",
        ),
    ],
    "aws:ecr/repositoryPolicy:RepositoryPolicy": [
        Right(
            actions="ecr:GetRepositoryPolicy ecr:SetRepositoryPolicy ecr:DeleteRepositoryPolicy",
            on=["arn:aws:ecr:{region}:{account}:repository/{name}"],
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
            on=["arn:aws:budgets::{account}:budget/{name}"],
        ),
    ],
}
"""By resource type: to create, read, update, delete and tag it."""

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
            on=["arn:aws:elasticfilesystem:{region}:{account}:file-system/*"],
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
