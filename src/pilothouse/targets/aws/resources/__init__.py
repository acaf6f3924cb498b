"""The resource types of the `aws` target, each declared once."""

from pilothouse.targets.aws.resources import (
    budgets,
    ec2,
    ecr,
    efs,
    iam,
    kms,
    logs,
    mwaa,
    routes,
    s3,
    sagemaker,
    scheduler,
    studio,
)
from pilothouse.targets.shared.resource_table import ResourceTable

TABLE = ResourceTable(
    [
        *scheduler.RESOURCES,
        *budgets.ACTIONS,
        *sagemaker.RESOURCES,
        *studio.RESOURCES,
        *mwaa.RESOURCES,
        *s3.RESOURCES,
        *ecr.RESOURCES,
        *efs.RESOURCES,
        *routes.RESOURCES,
        *ec2.RESOURCES,
        *logs.RESOURCES,
        *iam.RESOURCES,
        *kms.RESOURCES,
        *budgets.RESOURCES,
    ],
    identifying_outputs=["arn"],
)
"""Every type, in the order in which its resources can be deleted."""
