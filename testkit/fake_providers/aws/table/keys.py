"""KMS keys and their aliases."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Entry, Put, Read, TagCalls

_PAIRS = "[].{TagKey: Key, TagValue: Value}"

TABLE: Mapping[str, Entry] = {
    "aws:kms/key:Key": Entry(
        service="kms",
        create=Call(
            operation="create_key",
            request="{Description: in.description, KeyUsage: in.keyUsage, "
            "Policy: dumped(in.policy), MultiRegion: in.multiRegion, "
            f"Tags: pairs(in.tags){_PAIRS}}}",
        ),
        id="made.KeyMetadata.KeyId",
        reads=(
            Read(
                operation="describe_key", request="{KeyId: id}",
                pick="KeyMetadata.KeyState != 'PendingDeletion' && KeyMetadata || `null`",
            ),
            Read(
                name="rotation", operation="get_key_rotation_status", request="{KeyId: id}",
                pick="KeyRotationEnabled",
            ),
            Read(
                name="document", operation="get_key_policy",
                request="{KeyId: id, PolicyName: 'default'}", pick="Policy",
            ),
            Read(
                name="has", operation="list_resource_tags", request="{KeyId: id}", pick="Tags"
            ),
        ),
        seen={
            "tags": "mapped(has)", "description": "it.Description", "policy": "document",
            "enableKeyRotation": "rotation", "keyUsage": "it.KeyUsage",
            "multiRegion": "it.MultiRegion",
        },
        outputs={"arn": "it.Arn", "keyId": "it.KeyId"},
        puts=(
            Put(
                calls=(
                    Call(
                        operation="enable_key_rotation", request="{KeyId: id}",
                        when="in.enableKeyRotation",
                    ),
                    Call(
                        operation="disable_key_rotation", request="{KeyId: id}",
                        when="!(in.enableKeyRotation) && rotation",
                    ),
                )
            ),
            Put(
                calls=(
                    Call(
                        operation="update_key_description",
                        request="{KeyId: id, Description: in.description || ''}",
                    ),
                ),
                on_create=False,
            ),
            Put(
                calls=(
                    Call(
                        operation="put_key_policy",
                        request="{KeyId: id, PolicyName: 'default', Policy: dumped(in.policy)}",
                        when="in.policy",
                    ),
                ),
                on_create=False,
            ),
        ),
        quiet=("deletionWindowInDays",),
        computed=("policy", "keyUsage", "multiRegion", "description"),
        delete=(
            Call(
                operation="schedule_key_deletion",
                request="{KeyId: id, PendingWindowInDays: in.deletionWindowInDays}",
            ),
        ),
        tags=TagCalls(
            add=Call(
                operation="tag_resource", request=f"{{KeyId: id, Tags: pairs(tags){_PAIRS}}}"
            ),
            remove=Call(operation="untag_resource", request="{KeyId: id, TagKeys: keys}"),
        ),
    ),
    "aws:kms/alias:Alias": Entry(
        service="kms",
        create=Call(
            operation="create_alias", request="{AliasName: in.name, TargetKeyId: in.targetKeyId}"
        ),
        id="in.name",
        reads=(
            Read(
                operation="list_aliases", request="{Limit: `100`}",
                pick="chosen(Aliases, 'AliasName', id)",
            ),
        ),
        seen={"name": "it.AliasName", "targetKeyId": "it.TargetKeyId"},
        outputs={"arn": "it.AliasArn"},
        puts=(
            Put(
                calls=(
                    Call(
                        operation="update_alias",
                        request="{AliasName: id, TargetKeyId: in.targetKeyId}",
                    ),
                ),
                on_create=False,
            ),
        ),
        names=("name",),
        delete=(Call(operation="delete_alias", request="{AliasName: id}"),),
    ),
}  # fmt: skip
