"""Checks across resources: over every example and option, and each sees its planted faults."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from tests.targets.aws.policies import conventions, ends, limits, networks, permissions, wiring
from tests.targets.aws.policies.planting import Fault, at, gone, told
from tests.targets.aws.policies.stacks import every_stack, stack_of
from tests.targets.aws.policies.view import Stack
from tests.targets.kubernetes.policies.manifests import checks_of
from tests.targets.kubernetes.policies.planting import GONE

Check = Callable[[Stack], Iterator[str]]

TRUST = "assumeRolePolicy Statement 0"
AIRFLOW, JOB = "RolePolicy airflow", "RolePolicy job"
STEP = "content 0 config"
SOURCE = f"{TRUST} Condition ArnLike aws:SourceArn"
DATA = "churn-aws-data-b49a4d"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/other"
LOGS, CONTEXT = "policy Statement @Logs", "kms:EncryptionContext:aws:logs:arn"
OLD = "rules 0 noncurrentVersionExpiration noncurrentDays"
LONG = f"{'a' * 250}-b49a4d"

FAULTS: Mapping[Check, Sequence[Fault]] = {
    networks.subnets_are_apart: [
        at("Subnet private-a", "cidrBlock", "10.43.0.0/18"),
        at("Subnet private-a", "cidrBlock", "10.42.0.0/18"),
        at("Subnet private-a", "vpcId", "vpc-1"),
    ],
    networks.zones_differ: [
        at("Subnet private-b", "availabilityZone", "eu-west-1a"),
        at("Subnet private-b", "availabilityZone", "us-east-1b"),
        at("Environment airflow", "networkConfiguration subnetIds", ["private-a"]),
        at("VpcEndpoint sqs", "subnetIds", ["private-a"], "endpoints"),
    ],
    networks.residents_are_private: [
        at("Environment airflow", "networkConfiguration subnetIds 0", "public-a"),
        at("Domain domain", "subnetIds 1", "public-b", "domain"),
        at("BucketObjectv2 jobs", f"{STEP} NetworkConfig VpcConfig Subnets 0", "public-a"),
        at("RouteTableAssociation private-a", "routeTableId", "public"),
        at("Route private", "gatewayId", "internet"),
        gone("RouteTableAssociation private-a"),
        at("Environment airflow", "networkConfiguration securityGroupIds", ["default"]),
        at("VpcEndpoint kms", "securityGroupIds", [], "endpoints"),
    ],
    networks.residents_reach_aws: [
        gone("VpcEndpoint s3"),
        at("VpcEndpoint s3", "routeTableIds", ["public"]),
        at("VpcEndpoint s3", "serviceName", "com.amazonaws.eu-west-2.s3"),
        gone("Route private"),
        *(gone(f"VpcEndpoint {name}", "endpoints")
          for name in ("sqs", "ecr-dkr", "kms", "logs", "sagemaker-api", "mlflow-api")),
        at("VpcEndpoint logs", "serviceName", "com.amazonaws.eu-west-2.logs", "endpoints"),
    ],
    networks.gateways_are_public: [
        at("NatGateway nat", "subnetId", "private-a"),
        at("NatGateway nat", "allocationId", GONE),
        gone("Route public"),
    ],
    networks.names_are_found: [
        at("Vpc vpc", "enableDnsHostnames", GONE),
        at("Vpc vpc", "enableDnsSupport", False),
        at("VpcEndpoint sqs", "privateDnsEnabled", False, "endpoints"),
    ],
    networks.members_reach_each_other: [
        at("SecurityGroup members", "ingress 0 self", GONE),
        at("SecurityGroup members", "egress 0 self", False),
        at("SecurityGroup members", "egress 1", GONE),
        at("SecurityGroup members", "egress 1",
           {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]},
           "endpoints"),
    ],
    networks.flows_are_logged: [
        gone("FlowLog flow"),
        at("FlowLog flow", "trafficType", "ACCEPT"),
        at("LogGroup flow", "name", "/pilothouse/flow"),
    ],
    wiring.logs_of_airflow_are_owned: [
        gone("LogGroup webserver"),
        at("LogGroup task", "name", "airflow-churn-aws-airflow-b49a4d-task"),
    ],
    wiring.airflow_has_its_files: [
        at("Environment airflow", "dagS3Path", "dag"),
        at("Environment airflow", "requirementsS3Path", "dags/requirements.txt"),
        at("Environment airflow", "requirementsS3ObjectVersion", GONE),
        at("Environment airflow", "requirementsS3ObjectVersion", "version-of-dag"),
        at("Environment airflow", "sourceBucketArn", f"arn:aws:s3:::{DATA}"),
        at("BucketObjectv2 jobs", "key", "dags/jobs.json"),
        gone("BucketObjectv2 dag"),
        gone("Bucket dags"),
    ],
    wiring.requirements_are_constrained: [
        at("BucketObjectv2 requirements", "content", "apache-airflow-providers-amazon\n"),
        at("BucketObjectv2 constraints", "key", "constraints.txt"),
    ],
    wiring.constraints_are_of_the_version: [
        at("Environment airflow", "airflowVersion", "2.11.0"),
        at("BucketObjectv2 constraints", "content", ""),
    ],
    wiring.arns_lead_somewhere: [
        at(JOB, "policy Statement 0 Resource 0", "arn:aws:s3:::churn-aws-dta-b49a4d"),
        at(JOB, "policy Statement 0 Resource 0", DATA),
        at(AIRFLOW, "policy Statement 0 Resource 0",
           "arn:aws:airflow:eu-west-1:123456789012:environment/churn"),
        at("Role airflow-role", SOURCE, "arn:aws:airflow:eu-west-2:123456789012:environment/a"),
        at("Role job-role", SOURCE, "arn:aws:sagemaker:eu-west-1:999999999999:*"),
        at("Key key", f"{LOGS} Condition ArnEquals {CONTEXT} 0",
           "arn:aws:logs:eu-west-1:123456789012:log-group:airflow"),
        at("Environment airflow", "executionRoleArn", "arn:aws:iam::123456789012:role/airflow"),
        at("MlflowApp mlflow", "roleArn", "arn:aws:iam::123456789012:role/mlflow"),
        gone("Repository workload"),
    ],
    wiring.steps_have_what_they_are_told: [
        at("BucketObjectv2 jobs", f"{STEP} Environment DATA_URI", "s3://elsewhere"),
        at("BucketObjectv2 jobs", f"{STEP} Environment MODEL_NAME", "model"),
        at("BucketObjectv2 jobs", f"{STEP} Environment AWS_REGION", "us-east-1"),
        at("BucketObjectv2 jobs", f"{STEP} Environment RUN_TOKEN", GONE),
        at("BucketObjectv2 jobs", f"{STEP} Environment MLFLOW_TRACKING_URI", "http://mlflow:5000"),
        at("BucketObjectv2 jobs", f"{STEP} RoleArn", "arn:aws:iam::123456789012:role/job"),
    ],
    wiring.every_step_is_there: [
        at("BucketObjectv2 jobs", "content 3", GONE),
        at("BucketObjectv2 jobs", f"{STEP} StoppingCondition MaxRuntimeInSeconds", 86400),
        at("BucketObjectv2 jobs", f"{STEP} Tags", []),
        at("Pipeline pipeline", "pipelineDefinition Steps 1 DependsOn", [], "pipelines"),
    ],
    wiring.parts_have_their_bucket: [
        at("BucketVersioning data", "bucket", "elsewhere"),
        at("BucketPolicy data", "bucket", "churn-aws-dags-b49a4d"),
    ],
    wiring.artifacts_are_the_stacks: [
        at("MlflowApp mlflow", "artifactStoreUri", "s3://elsewhere/mlflow"),
        at("MlflowApp mlflow", "artifactStoreUri", f"s3://{DATA}/mlflow"),
        at("MlflowTrackingServer mlflow", "artifactStoreUri", f"s3://{DATA}", "server"),
    ],
    wiring.keys_have_names: [gone("Alias key"), at("Alias key", "targetKeyId", "other")],
    permissions.users_may_take_their_roles: [
        at("Role airflow-role", f"{TRUST} Principal Service", ["airflow.amazonaws.com"]),
        at("Role mlflow-role", f"{TRUST} Principal Service", ["ec2.amazonaws.com"]),
        at("Role flow-role", f"{TRUST} Principal Service",
           ["vpc-flow-logs.amazonaws.com", "lambda.amazonaws.com"]),
        at("Environment airflow", "executionRoleArn",
           "arn:aws:iam::123456789012:role/churn-aws-job-role-b49a4d"),
    ],
    permissions.sources_are_the_users: [
        at("Role flow-role", SOURCE, "arn:aws:logs:eu-west-1:123456789012:*"),
        at("Role airflow-role", SOURCE, "arn:aws:sagemaker:eu-west-1:123456789012:*"),
        at("Role schedule-role", SOURCE, "arn:aws:sagemaker:eu-west-1:123456789012:*", "schedule"),
    ],
    permissions.every_role_is_somebodys: [
        gone("FlowLog flow"),
        gone("RolePolicy mlflow"),
    ],
    permissions.roles_may_do_their_work: [
        at(JOB, "policy Statement 0 Effect", "Deny"),
        at(JOB, "policy Statement @s3:PutObject Action", ["s3:GetObject"]),
        at(JOB, "policy Statement @kms:Decrypt Resource", [KEY]),
        at(AIRFLOW, "policy Statement 0", GONE),
        at(AIRFLOW, "policy Statement @sqs:SendMessage Action", ["sqs:SendMessage"]),
        at(AIRFLOW, "policy Statement @kms:Decrypt Condition StringEquals kms:ViaService",
           ["s3.eu-west-1.amazonaws.com"]),
        gone("RolePolicy job-mlflow"),
        at("RolePolicy pipeline", "policy Statement @iam:PassRole", GONE, "pipelines"),
        at("RolePolicy flow", "policy Statement @logs:PutLogEvents Resource", [KEY]),
        at("RolePolicy mlflow", "policy Statement @kms:Decrypt Action", ["kms:Decrypt"]),
    ],
    permissions.roles_may_do_no_more: [
        at(JOB, "policy Statement 0 Action 0", "iam:PutRolePolicy"),
        at(JOB, "policy Statement 0 Action 0", "sts:AssumeRole"),
        at(JOB, "policy Statement @kms:Decrypt Action 0", "kms:ScheduleKeyDeletion"),
        at(JOB, "policy Statement 0 Resource 0", "arn:aws:s3:::elsewhere"),
    ],
    permissions.only_the_data_is_shared: [
        at("RolePolicy mlflow", "policy Statement @s3:GetObject Resource 1",
           f"arn:aws:s3:::{DATA}/*"),
        at(AIRFLOW, "policy Statement @s3:GetObject Action 0", "s3:PutObject"),
        at(AIRFLOW, "policy Statement @s3:GetObject", {"Effect": "Allow", "Action": "s3:GetObject",
                                           "Resource": "arn:aws:s3:::churn-aws-*"}),
    ],
    permissions.a_schedule_only_starts_its_pipeline: [
        at("RolePolicy schedule", "policy Statement 0 Resource", ["*"], "schedule"),
        at("RolePolicy schedule", "policy Statement 0 Action 1", "sagemaker:StopPipelineExecution",
           "schedule"),
    ],
    wiring.the_schedule_starts_the_steps: [
        gone("Schedule schedule", "schedule"),
        gone("ScheduleGroup schedule", "schedule"),
        at("Schedule schedule", "target arn",
           "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-aws-pipeline-b49a4d",
           "schedule"),
        at("Schedule schedule", "groupName", "default", "schedule"),
        at("Schedule schedule", "scheduleExpression", "cron(0 6 ? * 1-5 *)", "schedule"),
        at("Schedule schedule", "scheduleExpressionTimezone", GONE, "schedule"),
        at("Schedule schedule", "flexibleTimeWindow mode", "FLEXIBLE", "schedule"),
        at("Schedule schedule", "target retryPolicy", GONE, "schedule"),
    ],
    ends.the_end_stops_what_bills: [
        *(gone(f"Schedule expiry-{part}", "ends") for part in ("airflow", "mlflow", "nat")),
        gone("Schedule expiry-address", "ends"),
        gone("Schedule expiry-schedule", "schedule"),
        gone("Schedule expiry-sqs", "closed-pipelines"),
        at("Schedule expiry-airflow", "target input", '{"Name": "churn"}', "ends"),
    ],
    ends.the_end_comes_when_the_last_day_is_over: [
        at("Schedule expiry-airflow", "scheduleExpression", "at(2027-12-31T00:05:00)", "ends"),
        at("Schedule expiry-airflow", "scheduleExpression", "cron(5 0 * * ? *)", "ends"),
        at("Schedule expiry-nat", "scheduleExpression", "at(2028-01-01T00:05:00)", "ends"),
        at("Schedule expiry-mlflow", "scheduleExpressionTimezone", "Europe/Berlin", "ends"),
        at("Schedule expiry-mlflow", "state", "DISABLED", "ends"),
        at("Schedule expiry-airflow", "target retryPolicy", GONE, "ends"),
        gone("ScheduleGroup expiry", "ends"),
    ],
    ends.an_address_is_released_after_its_gateway: [
        at("Schedule expiry-address", "scheduleExpression", "at(2028-01-01T01:05:00)", "ends"),
    ],
    ends.the_end_may_only_stop: [
        at("RolePolicy expiry-airflow", "policy Statement 0 Resource", ["*"], "ends"),
        at("RolePolicy expiry-network", "policy Statement 0 Action 0", "ec2:DeleteVpc", "ends"),
        at("RolePolicy expiry-mlflow", "policy Statement 0 Action 1",
           "sagemaker:DeleteMlflowTrackingServer", "ends"),
    ],
    limits.a_spent_budget_starts_no_jobs: [
        gone("BudgetAction limit"),
        at("BudgetAction limit", "notificationType", "FORECASTED"),
        at("BudgetAction limit", "actionThreshold actionThresholdValue", 120),
        at("BudgetAction limit", "approvalModel", "MANUAL"),
        at("BudgetAction limit", "definition iamActionDefinition roles", ["a"]),
        at("BudgetAction limit", "subscribers 0 address", "nobody@example.org"),
        at("BudgetAction limit", "budgetName", "another"),
    ],
    limits.what_is_attached_denies_jobs: [
        gone("Policy limit"),
        at("Policy limit", "policy Statement 0 Effect", "Allow"),
        at("Policy limit", "policy Statement 0 Action 0", "sagemaker:CreateTrainingJob"),
        at("Policy limit", "policy Statement 0 Action 1", GONE, "pipelines"),
    ],
    limits.the_limit_only_denies: [
        at("RolePolicy limit", "policy Statement 0 Action 0", "iam:PutRolePolicy"),
        at("RolePolicy limit", "policy Statement 0 Condition", GONE),
        at("RolePolicy limit", "policy Statement 0 Resource", ["*"]),
    ],
    limits.a_denied_role_can_go: [at("Role airflow-role", "forceDetachPolicies", GONE)],
    permissions.logs_may_be_encrypted: [
        at("Key key", LOGS, GONE),
        at("Key key", f"{LOGS} Condition ArnEquals {CONTEXT} 0", GONE),
        at("Key key", f"{LOGS} Principal Service", "logs.us-east-1.amazonaws.com"),
        at("Key key", f"{LOGS} Action", ["kms:Decrypt"]),
    ],
    permissions.the_key_is_governed: [
        at("Key key", "policy Statement 0", GONE),
        at("Key key", "policy Statement 0 Principal AWS", "arn:aws:iam::999999999999:root"),
    ],
    conventions.names_tell_the_stack: [
        at("Bucket data", "bucket", "churn-data"),
        at("Role job-role", "name", f"{'a' * 60}-b49a4d"),
        at("Environment airflow", "name", LONG),
        at("LogGroup flow", "name", "/pilothouse/flow"),
        at("Vpc vpc", "tags Name", "vpc"),
        at("Role job-role", "name", GONE),
    ],
    conventions.names_are_no_others: [at("Bucket data", "bucket", "churn-aws-artifacts-b49a4d")],
    conventions.the_provider_is_the_stacks: [
        told("Bucket data", provider=""),
        told("Vpc vpc", provider="urn:pulumi:aws::pilothouse::pulumi:providers:aws::default::1"),
        at("aws aws", "region", "us-east-1"),
        at("aws aws", "profile", "somebody"),
        gone("aws aws"),
    ],
    conventions.the_provider_tags: [at("aws aws", "defaultTags", GONE)],
    conventions.everything_can_go: [
        at("Bucket data", "forceDestroy", GONE),
        at("Bucket dags", "forceDestroy", False),
        at("Repository workload", "forceDelete", GONE),
        at("Domain domain", "retentionPolicy", GONE, "domain"),
        at("Domain domain", "retentionPolicy homeEfsFileSystem", "Retain", "domain"),
        at("Key key", "deletionWindowInDays", 30),
        at("LogGroup task", "skipDestroy", True),
        told("Vpc vpc", retain_on_delete=True),
    ],
    conventions.data_are_protected: [
        told("Bucket data", protect=False),
        told("Bucket dags", protect=False),
        told("Key key", protect=False),
        told("MlflowApp mlflow", protect=False),
        told("ModelPackageGroup model", protect=False),
        told("Environment airflow", protect=False),
        told("Vpc vpc", protect=True),
    ],
    conventions.nothing_is_ignored: [told("Bucket data", ignore_changes=("tags",))],
    conventions.the_budget_is_watched: [
        gone("Budget budget"),
        at("Budget budget", "limitAmount", "3000.00"),
        at("Budget budget", "limitUnit", "EUR"),
        at("Budget budget", "timeUnit", "ANNUALLY"),
        at("Budget budget", "notifications", []),
        at("Budget budget", "notifications 3", GONE),
        at("Budget budget", "notifications 0 subscriberEmailAddresses", []),
        at("Budget budget", "notifications 0 comparisonOperator", "LESS_THAN"),
    ],
    conventions.old_versions_go: [
        at("BucketLifecycleConfiguration data", OLD, 1),
        at("BucketLifecycleConfiguration data", "rules 0 status", "Disabled"),
        at("BucketLifecycleConfiguration data", "rules 0 expiration", {"days": 30}),
        at("BucketLifecycleConfiguration data", "rules 1", GONE),
    ],
    conventions.sizes_are_the_platforms: [
        at("Environment airflow", "environmentClass", "mw1.large"),
        at("Environment airflow", "minWorkers", 100),
        at("MlflowTrackingServer mlflow", "trackingServerSize", "Large", "server"),
    ],
}  # fmt: skip

CHECKS = [
    check
    for module in (conventions, ends, limits, networks, permissions, wiring)
    for check in checks_of(module)
]


def test_every_check_has_a_fault_that_it_sees() -> None:
    assert set(CHECKS) == set(FAULTS)
    assert all(FAULTS.values())
    assert len(CHECKS) >= 30


@every_stack
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_amiss(check: Check, case: str) -> None:
    assert list(check(stack_of(case))) == []


PLANTED = [(check, fault) for check, faults in FAULTS.items() for fault in faults]


@pytest.mark.parametrize(
    ("check", "fault"),
    PLANTED,
    ids=[f"{c.__name__}-{f.name}".replace(" ", "-") for c, f in PLANTED],
)
def test_a_fault_is_seen(check: Check, fault: Fault) -> None:
    assert list(check(fault.planted())) != []
