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

AIRFLOW_RIGHTS = "pilothouse.targets.aws.components.airflow_iam"
BUCKETS = "pilothouse.targets.aws.components.buckets"
BUDGET = "pilothouse.targets.aws.components.budget"
COMPUTE = "pilothouse.targets.aws.components.compute"
DOMAIN = "pilothouse.targets.aws.components.studio_domain"
EGRESS = "pilothouse.targets.aws.components.egress"
FLOW_LOGS = "pilothouse.targets.aws.components.flow_logs"
FOUNDATION = "pilothouse.targets.aws.components.foundation"
JOB_RIGHTS = "pilothouse.targets.aws.components.job_iam"
JOBS = "pilothouse.targets.aws.components.workload_jobs"
MAKING = "pilothouse.targets.aws.components.factory"
MWAA = "pilothouse.targets.aws.components.mwaa"
MWAA_FILES = "pilothouse.targets.aws.components.mwaa_files"
NAMES = "pilothouse.targets.aws.naming"
NETWORK = "pilothouse.targets.aws.components.network"
PIPELINE_DEFINITION = "pilothouse.targets.aws.components.pipeline_definition"
PIPELINES = "pilothouse.targets.aws.components.pipelines"
POLICIES = "pilothouse.targets.aws.components.iam"
STORAGE = "pilothouse.targets.aws.components.storage"
TRACKING = "pilothouse.targets.aws.components.tracking"

_NETWORK = [
    Mistake("Airflow in a public subnet", NETWORK, "OwnNetwork._gateway",
            insert(statement(call("egress.nat")),
                   "self.subnet_ids = [each.id for each in public]")),
    Mistake("public addresses for whatever starts", NETWORK, "OwnNetwork._subnets",
            swap(keyword("map_public_ip_on_launch"), True)),
    Mistake("both subnets in one zone", NETWORK, "OwnNetwork._subnets",
            replace(keyword("availability_zone"), "self._settings.zone_names[0]")),
    Mistake("the addresses of private subnets in public ones", NETWORK, "OwnNetwork._gateway",
            replace(call("network.public"), "self._settings.network.private()")),
    Mistake("a VPC without names", NETWORK, "OwnNetwork._vpc",
            swap(keyword("enable_dns_hostnames"), False)),
    Mistake("a default group as AWS makes it", NETWORK, "OwnNetwork._vpc",
            replace(keyword("ingress"),
                    '[{"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}]')),
    Mistake("a group that lets the world in", NETWORK, "security_group",
            replace(keyword("ingress"),
                    '[{**members, "cidr_blocks": ["0.0.0.0/0"], "description": "From members"}]')),
    Mistake("members that can't reach each other", NETWORK, "security_group",
            replace(keyword("egress"), "[*out]")),
    Mistake("Airflow before its ways out", NETWORK, "OwnNetwork.__init__",
            replace(expression("[store, *attached, *ways]"), "[store]")),
    Mistake("no flow logs", NETWORK, "OwnNetwork.__init__",
            drop(statement(call("flow_logs.watch")))),
    Mistake("a gateway in a private subnet", NETWORK, "OwnNetwork._gateway",
            replace(expression("public[0]"), "self._private[0]")),
    Mistake("a gateway that may outlive the internet", EGRESS, "nat",
            replace(keyword("opts", within=call("NatGateway")), "make.options()")),
    Mistake("an address before the internet", EGRESS, "nat",
            replace(keyword("opts", within=call("Eip")), "make.options()")),
    Mistake("private subnets straight on the internet", EGRESS, "nat",
            both(rename(keyword("nat_gateway_id"), "gateway_id"),
                 replace(expression("gateway.id"), "internet.id"))),
    Mistake("no endpoint for queues", EGRESS, "SERVICES", drop(constant("sqs"))),
    Mistake("no endpoint for MLflow", EGRESS, "endpoints",
            drop(statement(constant("mlflow-api")))),
    Mistake("S3 through the gateway", EGRESS, "store_endpoint",
            drop(keyword("route_table_ids"))),
    Mistake("endpoints that nobody finds", EGRESS, "endpoints",
            swap(keyword("private_dns_enabled"), False)),
    Mistake("a way out for everything", EGRESS, "HTTPS",
            both(swap(key("from_port"), 0), swap(key("to_port"), 65535))),
    Mistake("flows logged without the right to", FLOW_LOGS, "WRITE",
            replace(value(), '["logs:DescribeLogStreams"]')),
]  # fmt: skip

_STORAGE = [
    Mistake("a bucket that stays while anything is in it", BUCKETS, "make_bucket",
            drop(keyword("force_destroy"))),
    Mistake("a bucket that may be made public", BUCKETS, "_closed",
            swap(keyword("block_public_policy"), False)),
    Mistake("a bucket that obeys access lists", BUCKETS, "_closed",
            swap(key("object_ownership"), "ObjectWriter")),
    Mistake("a policy while public access is being blocked", BUCKETS, "_closed",
            replace(keyword("opts", within=call("BucketPolicy")), "make.options()")),
    Mistake("no versions of the DAGs", MWAA, "make", swap(keyword("versioned"), False)),
    Mistake("versions that nobody asked for", STORAGE, "AwsStorage.__init__",
            swap(expression("self.plan.platform.storage.versioning"), True)),
    Mistake("AWS's key in place of the stack's", BUCKETS, "_encrypted",
            drop(key("kms_master_key_id"))),
    Mistake("old versions kept for ever", BUCKETS, "_cleared",
            swap(key("status", within=around(constant("old-versions"), ast.Dict)), "Disabled")),
    Mistake("retention that is ignored", BUCKETS, "_cleared",
            swap(expression("make.plan.platform.storage.retention_days"), 30)),
    Mistake("what is still in use expires", BUCKETS, "_cleared",
            replace(key("expiration"), '{"days": 30}')),
    Mistake("plain HTTP", POLICIES, "bucket_policy", swap(key("aws:SecureTransport"), "true")),
    Mistake("one bucket for data and artifacts", TRACKING, "AwsTracking.__init__",
            replace(expression("storage.artifacts"), "storage.data")),
]  # fmt: skip

_RIGHTS = [
    Mistake("a trust for any account", POLICIES, "trust", drop(key("StringEquals"))),
    Mistake("a trust for anything", POLICIES, "trust", drop(key("ArnLike"))),
    Mistake("half of MWAA's trust", MWAA, "make", drop(constant("airflow-env"))),
    Mistake("a trust for another service", TRACKING, "AwsTracking._role",
            swap(constant("sagemaker"), "ecs-tasks")),
    Mistake("a role passed to any service", POLICIES, "jobs", drop(expression("passed"))),
    Mistake("any role passed", POLICIES, "jobs",
            replace(expression("[naming.role_arn(plan, naming.JOB)]"), '["*"]')),
    Mistake("any action on a bucket", POLICIES, "WRITE", replace(value(), '["s3:*"]')),
    Mistake("every bucket", POLICIES, "bucket_access",
            replace(expression('[f"{bucket}/*"]'), '["*"]')),
    Mistake("no right to write", POLICIES, "bucket_access",
            replace(expression("[*READ, *WRITE] if write else READ"), "READ")),
    Mistake("no key for queues", AIRFLOW_RIGHTS, "_key", drop(constant("sqs"))),
    Mistake("no key for MLflow's artifacts", TRACKING, "AwsTracking._role",
            drop(expression('*([iam.key_access(self.plan, key, "s3")] if key else [])'))),
    Mistake("no key for logs", POLICIES, "key_policy",
            drop(expression("*([logs] if groups else [])"))),
    Mistake("a key for everybody's logs", POLICIES, "key_policy", drop(key("Condition"))),
    Mistake("queues of one's own account only", AIRFLOW_RIGHTS, "_queues",
            replace(expression('f"arn:{BY_REGION[region].name}:sqs:{region}:*:airflow-celery-*"'),
                    'f"arn:{BY_REGION[region].name}:sqs:{region}:{plan.settings.account_id}'
                    ':airflow-celery-*"')),
    Mistake("no image to pull", JOB_RIGHTS, "statements",
            drop(expression("allow(PULL, [repository])"))),
    Mistake("any MLflow", TRACKING, "AwsTracking.__init__",
            replace(expression("[self.arn]"), '["*"]')),
    Mistake("jobs of another's names", AIRFLOW_RIGHTS, "statements",
            swap(call("naming.job_prefix"), "job-")),
]  # fmt: skip

_SERVICES = [
    Mistake("a public console", MWAA, "_environment",
            swap(keyword("webserver_access_mode"), "PUBLIC_ONLY")),
    Mistake("logs that are off", MWAA, "_logging", replace(key("enabled"), 'kind != "task"')),
    Mistake("Airflow before its logs", MWAA, "make", drop(expression("*groups"))),
    Mistake("Airflow before its rights", MWAA, "make", drop(expression("rights"))),
    Mistake("Airflow before its network", MWAA, "make", drop(expression("*steps.needs"))),
    Mistake("a log group of the wrong name", NAMES, "AIRFLOW_LOGS",
            swap(key("dag-processing"), "DagProcessing")),
    Mistake("a log group too few", NAMES, "AIRFLOW_LOGS", drop(key("webserver"))),
    Mistake("new requirements that nobody sees", MWAA, "_environment",
            drop(keyword("requirements_s3_object_version"))),
    Mistake("requirements without constraints", MWAA_FILES, "REQUIRED",
            swap(value(), "apache-airflow-providers-amazon\n")),
    Mistake("DAGs where nobody looks", MWAA, "_environment",
            swap(keyword("dag_s3_path"), "workflows")),
    Mistake("an environment of one size", MWAA, "_environment",
            swap(keyword("environment_class"), "mw1.small")),
    Mistake("MLflow before its rights", TRACKING, "AwsTracking._role", drop(expression("rights"))),
    Mistake("a pipeline before its rights", PIPELINES, "make", drop(expression("rights"))),
    Mistake("steps in the wrong order", PIPELINE_DEFINITION, "_step",
            replace(key("DependsOn"), "[]")),
    Mistake("a step that may run for ever", JOBS, "LIMIT", swap(value(), 432000)),
    Mistake("a job outside of the network", JOBS, "_processing", drop(key("VpcConfig"))),
    Mistake("a domain on the internet", DOMAIN, "make_domain",
            swap(keyword("app_network_access_type"), "PublicInternetOnly")),
    Mistake("a domain that leaves its file system", DOMAIN, "make_domain",
            drop(keyword("retention_policy"))),
    Mistake("a domain before its network", COMPUTE, "AwsCompute.__init__",
            replace(expression("[*foundation.network.ready, *storage.data.ready, rights]"),
                    "[rights]")),
    Mistake("images that change under their tag", COMPUTE, "AwsCompute._repository",
            swap(keyword("image_tag_mutability"), "MUTABLE")),
    Mistake("a repository that stays", COMPUTE, "AwsCompute._repository",
            drop(keyword("force_delete"))),
]  # fmt: skip

_AROUND = [
    Mistake("no budget", FOUNDATION, "AwsFoundation.__init__",
            drop(statement(call("make_budget")))),
    Mistake("another budget", BUDGET, "make_budget", swap(keyword("limit_amount"), "1000.00")),
    Mistake("alarms that nobody hears", BUDGET, "_notifications",
            replace(key("subscriber_email_addresses"), "[]")),
    Mistake("an alarm when all is spent", BUDGET, "ALARMS", replace(value(), '(("ACTUAL", 100),)')),
    Mistake("a budget of a year", BUDGET, "make_budget", swap(keyword("time_unit"), "ANNUALLY")),
    Mistake("a key that is never renewed", FOUNDATION, "AwsFoundation._key",
            swap(keyword("enable_key_rotation"), False)),
    Mistake("a key that waits for a month", FOUNDATION, "DELETION_DAYS", swap(value(), 30)),
    Mistake("another region", FOUNDATION, "AwsFoundation._made_provider",
            swap(keyword("region"), "us-east-1")),
    Mistake("a provider that does not mark", FOUNDATION, "AwsFoundation._made_provider",
            drop(keyword("default_tags"))),
    Mistake("whatever provider there is", MAKING, "Making.options", drop(keyword("provider"))),
    Mistake("no expiry on anything", MAKING, "Making.tags", drop(expression("self.plan.tags"))),
    Mistake("a role without tags", MAKING, "Making.role", drop(keyword("tags"))),
    Mistake("logs kept for a week", MAKING, "Making.log_group",
            swap(keyword("retention_in_days"), 7)),
    Mistake("logs in the clear", MAKING, "Making.log_group", drop(keyword("kms_key_id"))),
    Mistake("a name that nobody finds again", MAKING, "Making.rights", drop(keyword("name"))),
    Mistake("a renamed logical name", NAMES, "AIRFLOW", swap(value(), "mwaa")),
    Mistake("another component's logical name", FOUNDATION, "AwsFoundation._made_provider",
            swap(constant("aws"), "account")),
]  # fmt: skip

_VALUES = [
    Mistake("a comparison that budgets do not know", BUDGET, "_notifications",
            swap(key("comparison_operator"), "MORE_THAN")),
    Mistake("a destination that flow logs do not know", FLOW_LOGS, "watch",
            swap(keyword("log_destination_type"), "cloudwatch")),
    Mistake("an algorithm that S3 does not know", BUCKETS, "_encrypted",
            swap(constant("aws:kms"), "kms")),
    Mistake("a status that MLflow does not know", TRACKING, "AwsTracking._app",
            swap(keyword("account_default_status"), "OFF")),
    Mistake("a registration that MLflow does not know", TRACKING, "AwsTracking._app",
            swap(keyword("model_registration_mode"), "Disabled")),
    Mistake("a way in that Studio does not know", DOMAIN, "make_domain",
            swap(keyword("auth_mode"), "iam")),
    Mistake("a kind of address that EC2 does not know", EGRESS, "nat",
            swap(keyword("domain"), "VPC")),
    Mistake("an encryption that ECR does not know", COMPUTE, "AwsCompute._repository",
            swap(key("encryption_type"), "aws:kms")),
]  # fmt: skip

_LIFE = [
    Mistake("what is destroyed stays", MAKING, "Making.options",
            add(call("ResourceOptions"), "retain_on_delete", "True")),
    Mistake("what nobody may destroy", MAKING, "Making.options",
            add(call("ResourceOptions"), "protect", "True")),
    Mistake("workers that stay as many", MAKING, "Making.options",
            add(call("ResourceOptions"), "ignore_changes", '["maxWorkers"]')),
    Mistake("Airflow made anew for a number", MAKING, "Making.options",
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
