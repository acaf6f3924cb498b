"""Mistakes in the aws target, each one that somebody could make."""

import ast

from testkit.planting import (
    Mistake,
    Suite,
    add,
    around,
    both,
    call,
    constant,
    drop,
    expression,
    insert,
    key,
    keyword,
    rename,
    replace,
    statement,
    swap,
    value,
)

AIRFLOW_IAM = "pilothouse.targets.aws.components.airflow_iam"
BUCKETS = "pilothouse.targets.aws.components.buckets"
BUDGET = "pilothouse.targets.aws.components.budget"
COMPUTE = "pilothouse.targets.aws.components.compute"
EC2 = "pilothouse.targets.aws.resources.ec2"
EGRESS = "pilothouse.targets.aws.components.egress"
EXPIRY = "pilothouse.targets.aws.components.expiry"
EXPIRY_SETTINGS = "pilothouse.targets.aws.settings.expiry"
FACTORY = "pilothouse.targets.aws.components.factory"
FLOW_LOGS = "pilothouse.targets.aws.components.flow_logs"
FOUNDATION = "pilothouse.targets.aws.components.foundation"
IAM = "pilothouse.targets.aws.components.iam"
JOBS = "pilothouse.targets.aws.components.sagemaker_jobs"
BUILT_IN_JOBS = "pilothouse.targets.aws.components.workload_jobs"
JOB_IAM = "pilothouse.targets.aws.components.job_iam"
MWAA = "pilothouse.targets.aws.components.mwaa"
MWAA_FILES = "pilothouse.targets.aws.components.mwaa_files"
NAMING = "pilothouse.targets.aws.naming"
NETWORK = "pilothouse.targets.aws.components.network"
PIPELINES = "pilothouse.targets.aws.components.pipelines"
PIPELINE_DEFINITION = "pilothouse.targets.aws.components.pipeline_definition"
SPENDING_LIMIT = "pilothouse.targets.aws.components.spending_limit"
SCHEDULE = "pilothouse.targets.aws.settings.schedule"
STORAGE = "pilothouse.targets.aws.components.storage"
STUDIO_DOMAIN = "pilothouse.targets.aws.components.studio_domain"
TEAM_SCHEDULE = "pilothouse.targets.aws.components.team_schedule"
TRACKING = "pilothouse.targets.aws.components.tracking"

_NETWORK = [
    Mistake("Airflow in a public subnet", NETWORK, "OwnNetwork._create_nat",
            insert(statement(call("create_nat")),
                   "self.subnet_ids = [subnet.id for subnet in public]")),
    Mistake("public addresses for whatever starts", NETWORK, "OwnNetwork._create_subnets",
            swap(keyword("map_public_ip_on_launch"), True)),
    Mistake("both subnets in one zone", NETWORK, "OwnNetwork._create_subnets",
            replace(keyword("availability_zone"), "self._settings.zone_names[0]")),
    Mistake("the addresses of private subnets in public ones", NETWORK, "OwnNetwork._create_nat",
            replace(call("network.public"), "self._settings.network.private()")),
    Mistake("a VPC without names", NETWORK, "OwnNetwork._create_vpc",
            swap(keyword("enable_dns_hostnames"), False)),
    Mistake("a default group as AWS makes it", NETWORK, "OwnNetwork._create_vpc",
            replace(keyword("ingress"),
                    '[{"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}]')),
    Mistake("a group that lets the world in", NETWORK, "create_security_group",
            replace(keyword("ingress"),
                    '[{**members, "cidr_blocks": ["0.0.0.0/0"], "description": "From members"}]')),
    Mistake("members that can't reach each other", NETWORK, "create_security_group",
            replace(keyword("egress"), "[*out]")),
    Mistake("Airflow before its ways out", NETWORK, "OwnNetwork.__init__",
            both(drop(expression("*attached")), drop(expression("*way.resources")))),
    Mistake("no flow logs", NETWORK, "OwnNetwork.__init__",
            drop(statement(call("create_flow_log")))),
    Mistake("a gateway in a private subnet", NETWORK, "OwnNetwork._create_nat",
            replace(expression("public[0]"), "self._private[0]")),
    Mistake("a gateway that may outlive the internet", EGRESS, "create_nat",
            replace(keyword("opts", within=call("NatGateway")), "factory.options()")),
    Mistake("an address before the internet", EGRESS, "create_nat",
            replace(keyword("opts", within=call("Eip")), "factory.options()")),
    Mistake("private subnets straight on the internet", EGRESS, "create_nat",
            both(replace(keyword("nat_gateway_id"), "internet.id"),
                 rename(keyword("nat_gateway_id"), "gateway_id"))),
    Mistake("no endpoint for queues", NAMING, "ENDPOINT_SERVICES", drop(constant("sqs"))),
    Mistake("no endpoint for MLflow", NAMING, "endpoint_services",
            drop(statement(constant("mlflow-api")))),
    Mistake("S3 through the gateway", EGRESS, "create_store_endpoint",
            drop(keyword("route_table_ids"))),
    Mistake("endpoints that nobody finds", EGRESS, "create_endpoints",
            swap(keyword("private_dns_enabled"), False)),
    Mistake("a way out for everything", EGRESS, "HTTPS",
            both(swap(key("from_port"), 0), swap(key("to_port"), 65535))),
    Mistake("flows logged without the right to", FLOW_LOGS, "WRITE",
            replace(value(), '["logs:DescribeLogStreams"]')),
]  # fmt: skip

_STORAGE = [
    Mistake("a bucket that stays while anything is in it", BUCKETS, "make_bucket",
            drop(keyword("force_destroy"))),
    Mistake("a bucket that may be made public", BUCKETS, "_block_public_access",
            swap(keyword("block_public_policy"), False)),
    Mistake("a bucket that obeys access lists", BUCKETS, "_block_public_access",
            swap(key("object_ownership"), "ObjectWriter")),
    Mistake("a policy while public access is being blocked", BUCKETS, "_block_public_access",
            replace(keyword("opts", within=call("BucketPolicy")), "factory.options()")),
    Mistake("no versions of the DAGs", MWAA, "make", swap(keyword("versioned"), False)),
    Mistake("versions that nobody asked for", STORAGE, "AwsStorage.__init__",
            swap(expression("self.plan.platform.storage.versioning"), True)),
    Mistake("AWS's key in place of the stack's", BUCKETS, "_encrypt",
            drop(key("kms_master_key_id"))),
    Mistake("old versions kept for ever", BUCKETS, "_expire_versions",
            swap(key("status", within=around(constant("old-versions"), ast.Dict)), "Disabled")),
    Mistake("retention that is ignored", BUCKETS, "_expire_versions",
            swap(key("noncurrent_days"), 30)),
    Mistake("what is still in use expires", BUCKETS, "_expire_versions",
            replace(key("expiration"), '{"days": 30}')),
    Mistake("plain HTTP", IAM, "build_bucket_policy", swap(key("aws:SecureTransport"), "true")),
    Mistake("one bucket for data and artifacts", TRACKING, "AwsTracking.__init__",
            replace(expression("storage.artifacts"), "storage.data")),
]  # fmt: skip

_RIGHTS = [
    Mistake("a trust for any account", IAM, "build_trust_policy", drop(key("StringEquals"))),
    Mistake("a trust for anything", IAM, "build_trust_policy", drop(key("ArnLike"))),
    Mistake("half of MWAA's trust", MWAA, "make", drop(constant("airflow-env"))),
    Mistake("a trust for another service", TRACKING, "AwsTracking._create_role",
            swap(constant("sagemaker"), "ecs-tasks")),
    Mistake("a role passed to any service", IAM, "allow_jobs", drop(expression("passed"))),
    Mistake("any role passed", IAM, "allow_jobs",
            replace(expression("[naming.role_arn(plan, naming.JOB)]"), '["*"]')),
    Mistake("any action on a bucket", IAM, "WRITE", replace(value(), '["s3:*"]')),
    Mistake("every bucket", IAM, "allow_bucket",
            replace(expression('[f"{bucket}/*"]'), '["*"]')),
    Mistake("no right to write", IAM, "allow_bucket",
            replace(expression("[*READ, *WRITE] if write else READ"), "READ")),
    Mistake("no key for queues", AIRFLOW_IAM, "_allow_key", drop(constant("sqs"))),
    Mistake("no key for MLflow's artifacts", TRACKING, "AwsTracking._create_role",
            drop(expression('*([iam.allow_key(self.plan, key, "s3")] if key else [])'))),
    Mistake("no key for logs", IAM, "build_key_policy",
            drop(expression("*([logs] if groups else [])"))),
    Mistake("a key for everybody's logs", IAM, "build_key_policy", drop(key("Condition"))),
    Mistake("queues of one's own account only", AIRFLOW_IAM, "_queue_arns",
            replace(expression('f"arn:{where.partition}:sqs:{where.region}:*:airflow-celery-*"'),
                    '_.replace(":*:", f":{plan.settings.account_id}:")')),
    Mistake("no image to pull", JOB_IAM, "allow_job",
            drop(expression("allow(PULL, repositories)"))),
    Mistake("any MLflow", TRACKING, "AwsTracking.__init__",
            replace(expression("[self.arn]"), '["*"]')),
    Mistake("any pipeline started by the schedule", TEAM_SCHEDULE, "make",
            replace(expression("[naming.pipeline_arn(plan, naming.STEPS)]"), '["*"]')),
    Mistake("a trust for every schedule", TEAM_SCHEDULE, "make",
            replace(call("naming.schedule_group_arn"),
                    'naming.arn(plan, "scheduler", "schedule-group/*")')),
    Mistake("a limit that may attach any policy", SPENDING_LIMIT, "_allow_denial",
            replace(expression("condition"), "None", )),
    Mistake("a limit that denies no pipelines", SPENDING_LIMIT, "START_JOBS",
            drop(constant("sagemaker:StartPipelineExecution"))),
    Mistake("a limit that waits for approval", SPENDING_LIMIT, "SpendingLimit.act",
            swap(keyword("approval_model"), "MANUAL")),
    Mistake("a role that stays with its denial", FACTORY, "ResourceFactory.create_role",
            replace(keyword("force_detach_policies"), "None")),
    Mistake("an end that may stop anything", EXPIRY, "Expiry.stop",
            replace(expression("[_arn(factory, each)]"), '["*"]')),
    Mistake("jobs of another's names", AIRFLOW_IAM, "allow_environment",
            swap(call("naming.job_prefix"), "job-")),
]  # fmt: skip

_SERVICES = [
    Mistake("a public console", MWAA, "_create_environment",
            swap(keyword("webserver_access_mode"), "PUBLIC_ONLY")),
    Mistake("logs that are off", MWAA, "_logging_configuration",
            replace(key("enabled"), 'kind != "task"')),
    Mistake("Airflow before its logs", MWAA, "make", drop(expression("*groups"))),
    Mistake("Airflow before its rights", MWAA, "make", drop(expression("policy"))),
    Mistake("Airflow before its network", MWAA, "make", drop(expression("*steps.needs"))),
    Mistake("a log group of the wrong name", NAMING, "AIRFLOW_LOGS",
            swap(key("dag-processing"), "DagProcessing")),
    Mistake("a log group too few", NAMING, "AIRFLOW_LOGS", drop(key("webserver"))),
    Mistake("new requirements that nobody sees", MWAA, "_create_environment",
            drop(keyword("requirements_s3_object_version"))),
    Mistake("requirements without constraints", MWAA_FILES, "REQUIRED",
            swap(value(), "apache-airflow-providers-amazon\n")),
    Mistake("DAGs where nobody looks", MWAA, "_create_environment",
            swap(keyword("dag_s3_path"), "workflows")),
    Mistake("an environment of one size", MWAA, "_create_environment",
            swap(keyword("environment_class"), "mw1.small")),
    Mistake("MLflow before its rights", TRACKING, "AwsTracking._create_role",
            drop(expression("policy"))),
    Mistake("a pipeline before its rights", PIPELINES, "make", drop(expression("policy"))),
    Mistake("a schedule before its rights", TEAM_SCHEDULE, "make", drop(expression("policy"))),
    Mistake("a schedule in a time zone of its own", TEAM_SCHEDULE, "make",
            swap(keyword("schedule_expression_timezone"), "Europe/Berlin")),
    Mistake("an end before its rights", EXPIRY, "Expiry._schedule", drop(expression("policy"))),
    Mistake("an end when the last day begins", EXPIRY_SETTINGS, "begins",
            replace(expression("timedelta(days=1)"), "timedelta()")),
    Mistake("Airflow's history deleted unasked", EXPIRY_SETTINGS, "why_not",
            replace(expression('"at_expiry" not in pilot.model_fields_set'), "False")),
    Mistake("a way out that goes before Airflow", EC2, "WITHOUT_EGRESS",
            replace(value(), "timedelta()")),
    Mistake("an end that comes for a prolonged stack", EXPIRY, "LATEST", swap(value(), 86400)),
    Mistake("a week that begins on Monday", SCHEDULE, "_WEEKDAYS", drop(constant("SUN"))),
    Mistake("steps in the wrong order", PIPELINE_DEFINITION, "_step",
            replace(key("DependsOn"), "[]")),
    Mistake("a step that may run for ever", BUILT_IN_JOBS, "LIMIT", swap(value(), 432000)),
    Mistake("a job outside of the network", JOBS, "_processing", drop(key("VpcConfig"))),
    Mistake("a domain on the internet", STUDIO_DOMAIN, "make_domain",
            swap(keyword("app_network_access_type"), "PublicInternetOnly")),
    Mistake("a domain that leaves its file system", STUDIO_DOMAIN, "make_domain",
            drop(keyword("retention_policy"))),
    Mistake("a domain before its network", COMPUTE, "AwsCompute.__init__",
            both(drop(expression("*foundation.network.ready")),
                 drop(expression("*storage.data.ready")))),
    Mistake("images that change under their tag", COMPUTE, "AwsCompute._create_repository",
            swap(keyword("image_tag_mutability"), "MUTABLE")),
    Mistake("a repository that stays", COMPUTE, "AwsCompute._create_repository",
            drop(keyword("force_delete"))),
]  # fmt: skip

_AROUND = [
    Mistake("no budget", FOUNDATION, "AwsFoundation.__init__",
            drop(statement(call("make_budget")))),
    Mistake("another budget", BUDGET, "make_budget", swap(keyword("limit_amount"), "1000.00")),
    Mistake("alarms that nobody hears", BUDGET, "_notifications",
            replace(key("subscriber_email_addresses"), "[]")),
    Mistake("an alarm when all is spent", BUDGET, "ALERTS", replace(value(), '(("ACTUAL", 100),)')),
    Mistake("a budget of a year", BUDGET, "make_budget", swap(keyword("time_unit"), "ANNUALLY")),
    Mistake("a key that is never renewed", FOUNDATION, "AwsFoundation._create_key",
            swap(keyword("enable_key_rotation"), False)),
    Mistake("a key that waits for a month", FOUNDATION, "DELETION_DAYS", swap(value(), 30)),
    Mistake("another region", FOUNDATION, "AwsFoundation._create_provider",
            swap(keyword("region"), "us-east-1")),
    Mistake("a provider that does not mark", FOUNDATION, "AwsFoundation._create_provider",
            drop(keyword("default_tags"))),
    Mistake("whatever provider there is", FACTORY, "ResourceFactory.options",
            drop(keyword("provider"))),
    Mistake("no expiry on anything", FACTORY, "ResourceFactory.tags",
            drop(expression("self.plan.tags"))),
    Mistake("a role without tags", FACTORY, "ResourceFactory.create_role", drop(keyword("tags"))),
    Mistake("logs kept for a week", FACTORY, "ResourceFactory.create_log_group",
            swap(keyword("retention_in_days"), 7)),
    Mistake("logs in the clear", FACTORY, "ResourceFactory.create_log_group",
            drop(keyword("kms_key_id"))),
    Mistake("a name that nobody finds again", FACTORY, "ResourceFactory.create_role_policy",
            drop(keyword("name"))),
    Mistake("a renamed logical name", NAMING, "AIRFLOW", swap(value(), "mwaa")),
    Mistake("another component's logical name", FOUNDATION, "AwsFoundation._create_provider",
            swap(constant("aws"), "account")),
]  # fmt: skip

_VALUES = [
    Mistake("a comparison that budgets do not know", BUDGET, "_notifications",
            swap(key("comparison_operator"), "MORE_THAN")),
    Mistake("a destination that flow logs do not know", FLOW_LOGS, "create_flow_log",
            swap(keyword("log_destination_type"), "cloudwatch")),
    Mistake("an algorithm that S3 does not know", BUCKETS, "_encrypt",
            swap(constant("aws:kms"), "kms")),
    Mistake("a status that MLflow does not know", TRACKING, "AwsTracking._create_app",
            swap(keyword("account_default_status"), "OFF")),
    Mistake("a registration that MLflow does not know", TRACKING, "AwsTracking._create_app",
            swap(keyword("model_registration_mode"), "Disabled")),
    Mistake("a way in that Studio does not know", STUDIO_DOMAIN, "make_domain",
            swap(keyword("auth_mode"), "iam")),
    Mistake("a kind of address that EC2 does not know", EGRESS, "create_nat",
            swap(keyword("domain"), "VPC")),
    Mistake("an encryption that ECR does not know", COMPUTE, "AwsCompute._create_repository",
            swap(key("encryption_type"), "aws:kms")),
]  # fmt: skip

_LIFE = [
    Mistake("what is destroyed stays", FACTORY, "ResourceFactory.options",
            add(call("ResourceOptions"), "retain_on_delete", "True")),
    Mistake("what nobody may destroy", FACTORY, "ResourceFactory.options",
            add(call("ResourceOptions"), "protect", "True")),
    Mistake("workers that stay as many", FACTORY, "ResourceFactory.options",
            add(call("ResourceOptions"), "ignore_changes", '["maxWorkers"]')),
    Mistake("Airflow made anew for a number", FACTORY, "ResourceFactory.options",
            add(call("ResourceOptions"), "replace_on_changes", '["maxWorkers"]')),
]  # fmt: skip

_OURS = "aws and not is_seen"  # the checks of the checks plant faults of their own

SUITE = Suite(
    rungs={
        "policies": (
            "tests/targets/aws/policies",
            "--ignore=tests/targets/aws/policies/test_checkov.py",
            "-k",
            "not is_seen and not documented",
        ),
        "graph": (
            "tests/targets/aws/graph/test_whole_graph.py",
            "tests/targets/aws/graph/test_inputs.py",
            "tests/targets/aws/graph/test_iam.py",
            "tests/targets/suite/test_examples.py",
            "tests/targets/aws/test_contract.py",
            "-k",
            _OURS,
        ),
        "moto": ("tests/targets/aws/engine/test_replay.py",),
        "engine": ("tests/targets/aws/engine/test_engine.py",),
    },
    mistakes=[*_NETWORK, *_STORAGE, *_RIGHTS, *_SERVICES, *_AROUND, *_VALUES, *_LIFE],
)
