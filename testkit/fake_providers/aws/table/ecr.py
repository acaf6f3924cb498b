"""Repositories of images."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Entry, Put, Read
from testkit.fake_providers.aws.table import tagging

_POLICY = "{repositoryName: in.repository, lifecyclePolicyText: dumped(in.policy)}"

TABLE: Mapping[str, Entry] = {
    "aws:ecr/repository:Repository": Entry(
        service="ecr",
        create=Call(
            operation="create_repository",
            request="{repositoryName: in.name, imageTagMutability: in.imageTagMutability, "
            "imageScanningConfiguration: in.imageScanningConfiguration, "
            f"encryptionConfiguration: in.encryptionConfigurations[0], tags: {tagging.PAIRS}}}",
        ),
        id="in.name",
        reads=(
            Read(
                operation="describe_repositories", request="{repositoryNames: [id]}",
                pick="repositories[0]",
            ),
            tagging.listed("it.repositoryArn", "resourceArn", "tags"),
        ),
        seen={
            "tags": "mapped(has)", "name": "it.repositoryName",
            "imageTagMutability": "it.imageTagMutability",
            "imageScanningConfiguration": "it.imageScanningConfiguration",
            "encryptionConfigurations": "[it.encryptionConfiguration]",
        },
        outputs={
            "arn": "it.repositoryArn", "repositoryUrl": "it.repositoryUri",
            "registryId": "it.registryId",
        },
        puts=(
            Put(
                calls=(
                    Call(
                        operation="put_image_tag_mutability",
                        request="{repositoryName: id, "
                        "imageTagMutability: in.imageTagMutability || 'MUTABLE'}",
                    ),
                ),
                on_create=False,
            ),
            Put(
                calls=(
                    Call(
                        operation="put_image_scanning_configuration",
                        request="{repositoryName: id, imageScanningConfiguration: "
                        "in.imageScanningConfiguration || {scanOnPush: `false`}}",
                    ),
                ),
                on_create=False,
            ),
        ),
        names=("name",),
        quiet=("forceDelete",),
        computed=("encryptionConfigurations", "imageTagMutability", "imageScanningConfiguration"),
        delete=(
            Call(
                operation="delete_repository",
                request="{repositoryName: id, force: in.forceDelete || `false`}",
            ),
        ),
        tags=tagging.by_arn("it.repositoryArn", ("resourceArn", "tags", "tagKeys")),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Entry(
        service="ecr",
        create=Call(operation="put_lifecycle_policy", request=_POLICY),
        id="in.repository",
        reads=(
            Read(
                operation="get_lifecycle_policy", request="{repositoryName: id}",
                pick="lifecyclePolicyText",
            ),
        ),
        seen={"repository": "id", "policy": "it"},
        puts=(
            Put(calls=(Call(operation="put_lifecycle_policy", request=_POLICY),), on_create=False),
        ),
        replaces=("repository",),
        names=("repository",),
        delete=(Call(operation="delete_lifecycle_policy", request="{repositoryName: id}"),),
    ),
}  # fmt: skip
