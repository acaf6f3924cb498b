"""Compute on AWS: SageMaker jobs of the workload's image, and optionally Studio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_aws.ecr import LifecyclePolicy, Repository

from pilothouse.contract import Capability
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import job_iam
from pilothouse.targets.aws.components.base import AwsComponent
from pilothouse.targets.aws.components.studio_domain import make_domain
from pilothouse.targets.aws.settings import steps

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.foundation import AwsFoundation
    from pilothouse.targets.aws.components.storage import AwsStorage

UNTAGGED_DAYS = 7


class AwsCompute(AwsComponent):
    """The repository of the workload's image and the role of its jobs."""

    def __init__(
        self,
        name: str,
        foundation: AwsFoundation,
        storage: AwsStorage,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        wanted = self.settings.compute
        self.image = naming.image(self.plan)
        self.instance_type = steps.default_machine(self.plan)
        self.repository = self._create_repository()
        self.role = self.factory.create_role(
            naming.JOB, ["sagemaker"], naming.sagemaker_arns(self.plan)
        )
        policy = self.factory.create_role_policy(
            naming.JOB, self.role, job_iam.allow_job(self.context)
        )
        self.ready: list[pulumi.Resource] = [self.repository, policy]
        if wanted.domain:
            needs = [*foundation.network.ready, *storage.data.ready, policy]
            make_domain(self.context, self.role.arn, needs)
        self.publish(self._capability())

    def _capability(self) -> Capability[pulumi.Input[str]]:
        network = self.context.network
        return Capability(
            uri=f"docker://{self.image}",
            console="",
            environment={"MODEL_NAME": self.plan.name(naming.MODEL)},
            submit={
                "kind": "sagemaker-job",
                "image": self.image,
                "role": self.role.arn,
                "instanceType": self.instance_type,
                "region": self.settings.region,
                "subnets": pulumi.Output.all(*network.subnet_ids).apply(",".join),
                "securityGroups": network.group.id,
            },
        )

    def _create_repository(self) -> Repository:
        key = self.context.key_arn
        repository = Repository(
            naming.WORKLOAD,
            name=self.plan.name(naming.WORKLOAD),
            force_delete=True,  # without it, a destroy fails if there is any image
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": key}] if key else None,
            tags=self.factory.tags(naming.WORKLOAD),
            opts=self.factory.options(),
        )
        rule = {
            "rulePriority": 1,
            "description": "Images that lost their tag",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": UNTAGGED_DAYS,
            },
            "action": {"type": "expire"},
        }
        LifecyclePolicy(
            naming.WORKLOAD,
            repository=repository.name,
            policy=pulumi.Output.json_dumps({"rules": [rule]}),
            opts=self.factory.options(),
        )
        return repository
