"""Managed Airflow: an environment in the private subnets, its logs, its bucket of DAGs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws.mwaa import Environment

from pilothouse.contract import Capability, Probe
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import airflow_iam, dag_files
from pilothouse.targets.aws.components.buckets import make_bucket
from pilothouse.targets.aws.components.mwaa_files import DAG_ID, DAGS, REQUIREMENTS

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.dag_files import Delivered
    from pilothouse.targets.aws.components.orchestration import AwsOrchestration
    from pilothouse.targets.aws.components.workload_steps import Steps


def make(parent: AwsOrchestration, steps: Steps) -> Capability[pulumi.Input[str]]:
    """The environment and all that it stands on; what its users get of it."""
    plan, key = parent.plan, parent.foundation.key_arn
    bucket = make_bucket(parent.make, naming.DAGS, key, versioned=True)
    delivered = dag_files.deliver(parent, bucket, steps)
    groups = [
        parent.make.log_group(kind, naming.airflow_log_group(plan, kind), key)
        for kind in naming.AIRFLOW_LOGS
    ]
    role = parent.make.role(
        naming.AIRFLOW, ["airflow", "airflow-env"], naming.environment_arn(plan)
    )
    rights = parent.make.rights(naming.AIRFLOW, role, airflow_iam.statements(plan, key))
    needs = [*bucket.ready, *delivered.ready, *groups, rights, *steps.needs]
    made = _environment(parent, role.arn, delivered, needs)
    return _capability(parent, made)


def _environment(
    parent: AwsOrchestration,
    role_arn: pulumi.Output[str],
    delivered: Delivered,
    needs: Sequence[pulumi.Resource],
) -> Environment:
    plan, wanted = parent.plan, parent.settings.orchestration
    fewest, most = wanted.workers(plan.size, plan.parallelism)
    network = parent.foundation.network
    return Environment(
        naming.AIRFLOW,
        name=plan.name(naming.AIRFLOW),
        airflow_version=wanted.version,
        environment_class=wanted.class_of(plan.size),
        min_workers=fewest,
        max_workers=most,
        webserver_access_mode="PRIVATE_ONLY",
        execution_role_arn=role_arn,
        kms_key=parent.foundation.key_arn,
        source_bucket_arn=naming.bucket_arn(plan, naming.DAGS),
        dag_s3_path=DAGS,
        requirements_s3_path=REQUIREMENTS,
        requirements_s3_object_version=delivered.requirements_version,
        network_configuration={
            "subnet_ids": network.subnet_ids,
            "security_group_ids": [network.group.id],
        },
        logging_configuration=_logging(),
        tags=parent.make.tags(naming.AIRFLOW),
        opts=parent.make.options(*needs),
    )


def _logging() -> Any:
    return {
        f"{kind.replace('-', '_')}_logs": {"enabled": True, "log_level": "INFO"}
        for kind in naming.AIRFLOW_LOGS
    }


def _capability(
    parent: AwsOrchestration, environment: Environment
) -> Capability[pulumi.Input[str]]:
    plan, arn = parent.plan, naming.environment_arn(parent.plan)
    return Capability(
        uri=arn,
        console=pulumi.Output.concat("https://", environment.webserver_url),
        submit={
            "kind": "mwaa",
            "environment": plan.name(naming.AIRFLOW),
            "dag": DAG_ID,
            "region": parent.settings.region,
        },
        probes=[Probe(service=naming.AIRFLOW, kind="mwaa", address=arn)],
    )
