"""Managed Airflow: an environment in the private subnets, its logs, its bucket of DAGs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.mwaa import Environment

from pilothouse.contract import Capability, Probe
from pilothouse.services.workload import submission
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import airflow_iam, dag_files
from pilothouse.targets.aws.components.buckets import make_bucket
from pilothouse.targets.aws.components.expiry import Hourly
from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.context import CapabilityContext
    from pilothouse.targets.aws.components.dag_files import Delivered
    from pilothouse.targets.aws.components.workload_steps import Steps


def make(context: CapabilityContext, steps: Steps) -> Capability[pulumi.Input[str]]:
    """Create the environment and what it depends on; return what its users get."""
    plan, key = context.plan, context.key_arn
    bucket = make_bucket(context.factory, naming.DAGS, key, versioned=True)
    delivered = dag_files.deliver(context, bucket, steps)
    groups = [
        context.factory.create_log_group(kind, naming.airflow_log_group(plan, kind), key)
        for kind in naming.AIRFLOW_LOGS
    ]
    role = context.limit.create_role(
        context.factory, naming.AIRFLOW, ["airflow", "airflow-env"], naming.environment_arn(plan)
    )
    policy = context.factory.create_role_policy(
        naming.AIRFLOW, role, airflow_iam.allow_environment(plan, key)
    )
    needs = [*bucket.ready, *delivered.ready, *groups, policy, *steps.needs]
    environment = _create_environment(context, role.arn, delivered, needs)
    hourly = Hourly(naming.AIRFLOW, "MWAA environment", environment.name)
    context.expiry.stop(context.factory, naming.AIRFLOW, [hourly])
    return _capability(context, environment)


def _create_environment(
    context: CapabilityContext,
    role_arn: pulumi.Output[str],
    delivered: Delivered,
    needs: Sequence[pulumi.Resource],
) -> Environment:
    plan, wanted = context.plan, context.settings.orchestration
    fewest, most = wanted.workers(plan.size, plan.parallelism)
    network = context.network
    keys, versions = naming.source_files(plan), delivered.versions
    return Environment(
        naming.AIRFLOW,
        name=plan.name(naming.AIRFLOW),
        airflow_version=wanted.version,
        environment_class=wanted.class_of(plan.size),
        min_workers=fewest,
        max_workers=most,
        airflow_configuration_options=wanted.airflow_configuration or None,
        webserver_access_mode="PRIVATE_ONLY",
        execution_role_arn=role_arn,
        kms_key=context.key_arn,
        source_bucket_arn=naming.bucket_arn(plan, naming.DAGS),
        dag_s3_path=naming.DAGS,
        requirements_s3_path=keys["requirements"],
        requirements_s3_object_version=versions["requirements"],
        plugins_s3_path=keys.get(naming.PLUGINS),
        plugins_s3_object_version=versions.get(naming.PLUGINS),
        startup_script_s3_path=keys.get(naming.STARTUP_SCRIPT),
        startup_script_s3_object_version=versions.get(naming.STARTUP_SCRIPT),
        network_configuration={
            "subnet_ids": network.subnet_ids,
            "security_group_ids": [network.group.id],
        },
        logging_configuration=_logging_configuration(),
        tags=context.factory.tags(naming.AIRFLOW),
        opts=protect(naming.AIRFLOW, context.factory.options(*needs)),
    )


def _logging_configuration() -> Any:
    return {
        f"{kind.replace('-', '_')}_logs": {"enabled": True, "log_level": "INFO"}
        for kind in naming.AIRFLOW_LOGS
    }


def _capability(
    context: CapabilityContext, environment: Environment
) -> Capability[pulumi.Input[str]]:
    plan, arn = context.plan, naming.environment_arn(context.plan)
    return Capability(
        uri=arn,
        console=pulumi.Output.concat("https://", environment.webserver_url),
        submit={
            "kind": "mwaa",
            "environment": plan.name(naming.AIRFLOW),
            "dag": naming.DAG_ID,
            "region": context.settings.region,
            **submission(plan.platform.workload),
        },
        probes=[Probe(service=naming.AIRFLOW, kind="mwaa", address=arn)],
    )
