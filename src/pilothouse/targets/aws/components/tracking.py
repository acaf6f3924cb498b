"""Tracking on AWS: SageMaker's MLflow, serverless or a server, and a group of model packages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws.sagemaker import MlflowApp, MlflowTrackingServer, ModelPackageGroup

from pilothouse.contract import Capability, Probe
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.components.base import AwsComponent
from pilothouse.targets.aws.components.expiry import Hourly
from pilothouse.targets.aws.components.iam import allow
from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.compute import AwsCompute
    from pilothouse.targets.aws.components.foundation import AwsFoundation
    from pilothouse.targets.aws.components.storage import AwsStorage

CALL_APP = "sagemaker:CallMlflowAppApi"
USE = ["sagemaker-mlflow:*"]
"""What a client may do; the resource is the one MLflow."""


class AwsTracking(AwsComponent):
    """MLflow, whose address is its ARN: callers sign with an identity of the account."""

    def __init__(
        self,
        name: str,
        foundation: AwsFoundation,
        storage: AwsStorage,
        compute: AwsCompute,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        self._artifacts = storage.artifacts
        role, needs = self._create_role()
        is_app = self.settings.tracking.server == "app"
        made = self._create_app(role, needs) if is_app else self._create_server(role, needs)
        self.arn: pulumi.Output[str] = made.arn
        call = [CALL_APP] if is_app else []
        granted = self.factory.create_role_policy(
            "job-mlflow",
            compute.role,
            [allow([*call, *USE], [self.arn])],
        )
        self._create_model_group()
        self.ready: list[pulumi.Resource] = [made, granted]
        self.publish(
            Capability(
                uri=self.arn,
                console="",
                environment={"MLFLOW_TRACKING_URI": self.arn},
                probes=[Probe(service=naming.MLFLOW, kind="sagemaker-mlflow", address=self.arn)],
            )
        )

    def _create_role(self) -> tuple[pulumi.Output[str], Sequence[pulumi.Resource]]:
        """The role of MLflow itself, with access to the bucket of artifacts and no other."""
        role = self.factory.create_role(
            naming.MLFLOW, ["sagemaker"], naming.sagemaker_arns(self.plan)
        )
        key = self.context.key_arn
        statements = [
            *iam.allow_bucket(self.plan, naming.ARTIFACTS, write=True),
            allow(["s3:DeleteObject"], [f"{naming.bucket_arn(self.plan, naming.ARTIFACTS)}/*"]),
            *([iam.allow_key(self.plan, key, "s3")] if key else []),
        ]
        policy = self.factory.create_role_policy(naming.MLFLOW, role, statements)
        return role.arn, [policy, *self._artifacts.ready]

    def _create_app(self, role: pulumi.Output[str], needs: Sequence[pulumi.Resource]) -> MlflowApp:
        return MlflowApp(
            naming.MLFLOW,
            name=self.plan.name(naming.MLFLOW),
            artifact_store_uri=f"{self._artifacts.uri}/mlflow",
            role_arn=role,
            account_default_status="DISABLED",
            model_registration_mode="AutoModelRegistrationDisabled",
            tags=self.factory.tags(naming.MLFLOW),
            opts=protect(naming.MLFLOW, self.factory.options(*needs)),
        )

    def _create_server(
        self, role: pulumi.Output[str], needs: Sequence[pulumi.Resource]
    ) -> MlflowTrackingServer:
        server = MlflowTrackingServer(
            naming.MLFLOW,
            tracking_server_name=self.plan.name(naming.MLFLOW),
            tracking_server_size=self.settings.tracking.size or self.plan.size.capitalize(),
            artifact_store_uri=f"{self._artifacts.uri}/mlflow",
            role_arn=role,
            automatic_model_registration=False,
            tags=self.factory.tags(naming.MLFLOW),
            opts=protect(naming.MLFLOW, self.factory.options(*needs)),
        )
        hourly = Hourly(naming.MLFLOW, "MLflow tracking server", server.tracking_server_name)
        self.context.expiry.stop(self.factory, naming.MLFLOW, [hourly])
        return server

    def _create_model_group(self) -> ModelPackageGroup:
        return ModelPackageGroup(
            naming.MODEL,
            model_package_group_name=self.plan.name(naming.MODEL),
            model_package_group_description=f"Models of {self.plan.platform.name}",
            tags=self.factory.tags(naming.MODEL),
            opts=protect(naming.MODEL, self.factory.options()),
        )
