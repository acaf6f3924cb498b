"""Puts things of a stack into an account, as a run or a service would have left them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.sagemaker.models import sagemaker_backends
from testkit.fake_aws.sagemaker import records

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.clients.account import Account

ALLOWED = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


def tags(account: Account, role: str = "") -> list[dict[str, str]]:
    """The stack's tags as most services have them, with a name where the role has one."""
    found = [{"Key": key, "Value": value} for key, value in account.plan.tags.items()]
    return [*found, {"Key": "Name", "Value": account.plan.name(role)}] if role else found


def marked(account: Account, kind: str, role: str) -> list[dict[str, Any]]:
    """The stack's tags as EC2 takes them with a create."""
    return [{"ResourceType": kind, "Tags": tags(account, role)}]


def vpc(account: Account) -> str:
    """A VPC with the stack's marks."""
    made = account.client("ec2").create_vpc(
        CidrBlock="10.42.0.0/16", TagSpecifications=marked(account, "vpc", "vpc")
    )
    return str(made["Vpc"]["VpcId"])


def subnet(account: Account, vpc_id: str, number: int = 0, zone: str = "us-east-1a") -> str:
    """A subnet with the stack's marks."""
    made = account.client("ec2").create_subnet(
        VpcId=vpc_id,
        AvailabilityZone=zone,
        CidrBlock=f"10.42.{number}.0/24",
        TagSpecifications=marked(account, "subnet", "private-a"),
    )
    return str(made["Subnet"]["SubnetId"])


def bare_subnet(account: Account, vpc_id: str, number: int = 0) -> str:
    """A subnet with no marks at all."""
    made = account.client("ec2").create_subnet(VpcId=vpc_id, CidrBlock=f"10.42.{number}.0/24")
    return str(made["Subnet"]["SubnetId"])


def elastic_ip(account: Account) -> str:
    """An address with the stack's marks."""
    made = account.client("ec2").allocate_address(
        Domain="vpc", TagSpecifications=marked(account, "elastic-ip", "nat")
    )
    return str(made["AllocationId"])


def nat_gateway(account: Account, subnet_id: str) -> str:
    """A NAT gateway with the stack's marks, and its address."""
    made = account.client("ec2").create_nat_gateway(
        SubnetId=subnet_id,
        AllocationId=elastic_ip(account),
        TagSpecifications=marked(account, "natgateway", "nat"),
    )
    return str(made["NatGateway"]["NatGatewayId"])


def internet_gateway(account: Account, vpc_id: str) -> str:
    """An attached internet gateway with the stack's marks."""
    ec2 = account.client("ec2")
    made = ec2.create_internet_gateway(
        TagSpecifications=marked(account, "internet-gateway", "gateway")
    )
    gateway = str(made["InternetGateway"]["InternetGatewayId"])
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    return gateway


def route_table(account: Account, vpc_id: str) -> str:
    """A route table with the stack's marks."""
    made = account.client("ec2").create_route_table(
        VpcId=vpc_id, TagSpecifications=marked(account, "route-table", "private")
    )
    return str(made["RouteTable"]["RouteTableId"])


def security_group(account: Account, vpc_id: str, name: str = "", *, role: str = "services") -> str:
    """A security group: the stack's own for `role`, or one of that name with no marks."""
    ec2 = account.client("ec2")
    if name:
        made = ec2.create_security_group(
            GroupName=name, Description="made by a service", VpcId=vpc_id
        )
    else:
        made = ec2.create_security_group(
            GroupName=account.plan.name(role),
            Description="the stack's own",
            VpcId=vpc_id,
            TagSpecifications=marked(account, "security-group", role),
        )
    return str(made["GroupId"])


def endpoint(account: Account, vpc_id: str) -> str:
    """A gateway endpoint with the stack's marks."""
    made = account.client("ec2").create_vpc_endpoint(
        VpcId=vpc_id,
        ServiceName=f"com.amazonaws.{account.plan.settings.region}.s3",
        VpcEndpointType="Gateway",
        TagSpecifications=marked(account, "vpc-endpoint", "s3"),
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def interface_endpoint(account: Account, vpc_id: str) -> str:
    """An interface endpoint with the stack's marks."""
    made = account.client("ec2").create_vpc_endpoint(
        VpcId=vpc_id,
        ServiceName=f"com.amazonaws.{account.plan.settings.region}.sqs",
        VpcEndpointType="Interface",
        TagSpecifications=marked(account, "vpc-endpoint", "sqs"),
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def interface(account: Account, subnet_id: str, group: str = "") -> str:
    """A network interface as a service leaves it: in a subnet of the stack's, with no marks."""
    groups = {"Groups": [group]} if group else {}
    made = account.client("ec2").create_network_interface(SubnetId=subnet_id, **groups)
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


def flow_log(account: Account, vpc_id: str) -> str:
    """A flow log with the stack's marks, to a log group of its own."""
    made = account.client("ec2").create_flow_logs(
        ResourceIds=[vpc_id],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogGroupName=log_group(account, account.plan.name("flows")),
        DeliverLogsPermissionArn=f"arn:aws:iam::{account.plan.settings.account_id}:role/flows",
        TagSpecifications=marked(account, "vpc-flow-log", "flows"),
    )
    return str(made["FlowLogIds"][0])


def bucket(account: Account, role: str) -> str:
    """A versioned bucket of that role, empty."""
    s3, name = account.client("s3"), account.plan.name(role)
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def objects(account: Account, name: str) -> None:
    """Two versions of an object, one of another that is deleted since, an upload half done."""
    s3 = account.client("s3")
    for body in (b"first", b"second"):
        s3.put_object(Bucket=name, Key="data.csv", Body=body)
    s3.put_object(Bucket=name, Key="gone.csv", Body=b"x")
    s3.delete_object(Bucket=name, Key="gone.csv")
    s3.create_multipart_upload(Bucket=name, Key="half.csv")


def dag_file(account: Account, key: str = "dags/churn.py") -> str:
    """A team's own DAG in MWAA's bucket, beside what the stack puts there."""
    name = bucket(account, naming.DAGS)
    for made in (*naming.SOURCE_FILES.values(), "dags/", "dags/churn.pyc", key):
        account.client("s3").put_object(Bucket=name, Key=made, Body=b"from airflow import DAG\n")
    return f"s3://{name}/{key}"


def repository(account: Account) -> str:
    """An image repository with an image in it."""
    ecr, name = account.client("ecr"), account.plan.name("workload")
    ecr.create_repository(repositoryName=name, tags=tags(account))
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"digest": f"sha256:{'0' * 64}", "size": 1},
            "layers": [],
        }
    )
    ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag="0.1.0")
    return name


def key(account: Account) -> str:
    """A key with the stack's tags and no alias."""
    made = account.client("kms").create_key(
        Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags(account)]
    )
    return str(made["KeyMetadata"]["KeyId"])


def alias(account: Account) -> str:
    """The stack's alias, of a key of its own."""
    name = f"alias/{account.plan.name('key')}"
    account.client("kms").create_alias(AliasName=name, TargetKeyId=key(account))
    return name


def role(account: Account, who: str = "job-role") -> str:
    """A role with an inline policy and one of the stack's own attached."""
    iam, name = account.client("iam"), account.plan.name(who)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=ALLOWED, Tags=tags(account))
    iam.put_role_policy(RoleName=name, PolicyName="store", PolicyDocument=ALLOWED)
    iam.attach_role_policy(RoleName=name, PolicyArn=policy(account, who))
    return name


def policy(account: Account, role_name: str = "job-role") -> str:
    """A policy with an older version."""
    iam = account.client("iam")
    made = iam.create_policy(
        PolicyName=account.plan.name(f"store-{role_name}"), PolicyDocument=ALLOWED
    )
    arn = str(made["Policy"]["Arn"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOWED, SetAsDefault=True)
    return arn


def log_group(account: Account, name: str) -> str:
    """A log group, as services make theirs: with no tags."""
    account.client("logs").create_log_group(logGroupName=name)
    return name


def budget(account: Account) -> str:
    """The stack's budget."""
    number, name = account.plan.settings.account_id, account.plan.name("budget")
    account.client("budgets").create_budget(
        AccountId=number,
        Budget={
            "BudgetName": name,
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "100", "Unit": "USD"},
        },
    )
    return f"{number}:{name}"


def budget_action(account: Account) -> str:
    """An action on the stack's budget, which attaches a policy."""
    number, _, name = budget(account).partition(":")
    made = account.client("budgets").create_budget_action(
        AccountId=number,
        BudgetName=name,
        NotificationType="ACTUAL",
        ActionType="APPLY_IAM_POLICY",
        ActionThreshold={"ActionThresholdValue": 100, "ActionThresholdType": "PERCENTAGE"},
        Definition={
            "IamActionDefinition": {
                "PolicyArn": f"arn:aws:iam::{number}:policy/limit",
                "Roles": [account.plan.name("job-role")],
            }
        },
        ExecutionRoleArn=role_arn(account),
        ApprovalModel="AUTOMATIC",
        Subscribers=[{"SubscriptionType": "EMAIL", "Address": "ml-team@example.org"}],
    )
    return f"{number}:{made['ActionId']}:{name}"


def pipeline(account: Account) -> str:
    """A pipeline, never executed."""
    name = account.plan.name("pipeline")
    number = account.plan.settings.account_id
    account.client("sagemaker").create_pipeline(
        PipelineName=name,
        PipelineDefinition='{"Version": "2020-12-01", "Steps": []}',
        ClientRequestToken="of-no-worth-but-thirty-two-long-at-least",
        RoleArn=f"arn:aws:iam::{number}:role/{account.plan.name('job-role')}",
    )
    return name


def schedule_group(account: Account) -> str:
    """An empty group of schedules."""
    name = account.plan.name("schedule")
    account.client("scheduler").create_schedule_group(Name=name, Tags=tags(account))
    return name


def schedule(account: Account, name: str = "steps") -> str:
    """A schedule that starts the team's pipeline, in a group of its own."""
    number, region = account.plan.settings.account_id, account.plan.settings.region
    group = schedule_group(account)
    account.client("scheduler").create_schedule(
        GroupName=group,
        Name=name,
        ScheduleExpression="cron(0 6 * * ? *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": f"arn:aws:sagemaker:{region}:{number}:pipeline/{account.plan.name('steps')}",
            "RoleArn": role_arn(account),
        },
    )
    return f"{group}/{name}"


def package_group(account: Account) -> str:
    """An empty registry of models."""
    name = account.plan.name("model")
    account.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
    return name


def package(account: Account, group: str) -> str:
    """A version of a model."""
    made = account.client("sagemaker").create_model_package(
        ModelPackageGroupName=group, ModelApprovalStatus="Approved"
    )
    return str(made["ModelPackageArn"])


def mlflow_app(account: Account) -> str:
    """A serverless MLflow."""
    made = account.client("sagemaker").create_mlflow_app(
        Name=account.plan.name("mlflow"),
        ArtifactStoreUri="s3://artifacts",
        RoleArn=role_arn(account),
    )
    return str(made["Arn"])


def tracking_server(account: Account) -> str:
    """An MLflow tracking server."""
    name = account.plan.name("mlflow")
    account.client("sagemaker").create_mlflow_tracking_server(
        TrackingServerName=name, ArtifactStoreUri="s3://artifacts", RoleArn=role_arn(account)
    )
    return name


def environment(account: Account) -> str:
    """A managed Airflow with its network interfaces and log groups, in a VPC of the stack's."""
    name, vpc_id = account.plan.name("airflow"), vpc(account)
    zones = account.plan.settings.zone_names
    subnets = [subnet(account, vpc_id, number, zone) for number, zone in enumerate(zones)]
    account.client("mwaa").create_environment(
        Name=name,
        DagS3Path="dags",
        ExecutionRoleArn=role_arn(account),
        NetworkConfiguration={
            "SubnetIds": subnets,
            "SecurityGroupIds": [security_group(account, vpc_id)],
        },
        SourceBucketArn=f"arn:aws:s3:::{bucket(account, 'dags')}",
        LoggingConfiguration={"TaskLogs": {"Enabled": True, "LogLevel": "INFO"}},
    )
    return name


def empty_domain(account: Account) -> str:
    """A domain with its file system, in a VPC of the stack's."""
    vpc_id = vpc(account)
    made = account.client("sagemaker").create_domain(
        DomainName=account.plan.name("domain"),
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": role_arn(account)},
        SubnetIds=[subnet(account, vpc_id)],
        VpcId=vpc_id,
    )
    return str(made["DomainArn"].rpartition("/")[2])


def domain(account: Account) -> str:
    """A domain with a profile, a space and an app in it."""
    sagemaker, name = account.client("sagemaker"), empty_domain(account)
    profile = account.plan.name("person")
    sagemaker.create_user_profile(DomainId=name, UserProfileName=profile)
    sagemaker.create_space(DomainId=name, SpaceName="space")
    sagemaker.create_app(DomainId=name, SpaceName="space", AppType="JupyterLab", AppName="app")
    return name


def execution(account: Account, pipeline_name: str) -> str:
    """A pipeline's execution that goes on."""
    made = account.client("sagemaker").start_pipeline_execution(PipelineName=pipeline_name)
    arn = str(made["PipelineExecutionArn"])
    held = sagemaker_of(account).pipelines[pipeline_name].pipeline_executions[arn]
    held.pipeline_execution_status = "Executing"
    return arn


def training_job(account: Account, name: str, *, status: str) -> str:
    """A job of the stack's, by its role."""
    account.client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingInputMode": "File", "TrainingImage": "image"},
        RoleArn=role_arn(account),
        OutputDataConfig={"S3OutputPath": "s3://artifacts"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    sagemaker_of(account).training_jobs[name].training_job_status = status
    return name


def role_arn(account: Account) -> str:
    """The role of the stack's jobs."""
    name = account.plan.name("job-role")
    return f"arn:aws:iam::{account.plan.settings.account_id}:role/{name}"


def sagemaker_of(account: Account) -> Any:
    """What moto holds, to put there what only AWS itself would."""
    settings = account.plan.settings
    return sagemaker_backends[settings.account_id][settings.region]


def records_of(account: Account, kind: str) -> list[dict[str, Any]]:
    """The fields of everything of a kind, to be changed."""
    return records(sagemaker_of(account), kind).matching({})


Plant = Callable[[Account], str]


def _in_vpc(plant: Callable[[Account, str], str]) -> Plant:
    return lambda account: plant(account, vpc(account))


def _in_subnet(plant: Callable[[Account, str], str]) -> Plant:
    return lambda account: plant(account, subnet(account, vpc(account)))


PLANTS: Mapping[str, Plant] = {
    "NAT gateway": _in_subnet(nat_gateway),
    "VPC endpoint": _in_vpc(endpoint),
    "flow log": _in_vpc(flow_log),
    "network interface": _in_subnet(interface),
    "elastic IP": elastic_ip,
    "internet gateway": _in_vpc(internet_gateway),
    "security group": _in_vpc(security_group),
    "subnet": _in_vpc(subnet),
    "route table": _in_vpc(route_table),
    "VPC": vpc,
    "bucket": lambda account: bucket(account, "data"),
    "DAG file": dag_file,
    "image repository": repository,
    "KMS key": key,
    "KMS alias": alias,
    "role": role,
    "policy": policy,
    "log group": lambda account: log_group(account, account.plan.name("workload")),
    "budget": budget,
    "budget action": budget_action,
    "pipeline": pipeline,
    "schedule": schedule,
    "schedule group": schedule_group,
    "pipeline execution": lambda account: execution(account, pipeline(account)),
    "training job": lambda account: training_job(account, "job", status="InProgress"),
    "MLflow app": mlflow_app,
    "MLflow tracking server": tracking_server,
    "MWAA environment": environment,
    "domain": domain,
    "model version": lambda account: package(account, package_group(account)),
    "model package group": package_group,
}
"""How a thing of each kind comes about."""
