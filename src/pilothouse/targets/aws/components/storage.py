"""Storage on AWS: a bucket for the workload's data, and one for MLflow's artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components.base import AwsComponent
from pilothouse.targets.aws.components.buckets import make_bucket

if TYPE_CHECKING:
    from pilothouse.targets.aws.components.foundation import AwsFoundation


class AwsStorage(AwsComponent):
    """The buckets. There are no access keys: roles have the permissions."""

    def __init__(
        self,
        name: str,
        foundation: AwsFoundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        key, versioned = foundation.key_arn, self.plan.platform.storage.versioning
        self.data = make_bucket(self.factory, naming.DATA, key, versioned=versioned)
        self.artifacts = make_bucket(self.factory, naming.ARTIFACTS, key, versioned=versioned)
        region = self.settings.region
        address = f"s3://{region}/{self.data.name}"
        self.publish(
            Capability(
                uri=self.data.uri,
                console="",
                environment={
                    "DATA_URI": self.data.uri,
                    "AWS_REGION": region,
                    "AWS_DEFAULT_REGION": region,
                },
                probes=[Probe(service="s3", kind="s3", address=address)],
            )
        )
