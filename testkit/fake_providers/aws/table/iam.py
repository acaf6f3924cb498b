"""Roles and policies."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Caller, Context, Entry, Put, Read, TagCalls
from testkit.fake_providers.aws.table import tagging


def _detach(call: Caller, context: Context) -> None:
    """Only where it is asked for: a role that others use is not taken from them."""
    if not context["in"].get("forceDetachPolicies"):
        return
    name = context["id"]
    attached = call("iam", "list_attached_role_policies", RoleName=name)["AttachedPolicies"]
    for policy in attached:
        call("iam", "detach_role_policy", RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy in call("iam", "list_role_policies", RoleName=name)["PolicyNames"]:
        call("iam", "delete_role_policy", RoleName=name, PolicyName=policy)


def _drop_versions(call: Caller, context: Context) -> None:
    arn = context["id"]
    for version in call("iam", "list_policy_versions", PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            call("iam", "delete_policy_version", PolicyArn=arn, VersionId=version["VersionId"])


def _tags(kind: str, key: str) -> TagCalls:
    return TagCalls(
        add=Call(operation=f"tag_{kind}", request=f"{{{key}: id, Tags: pairs(tags)}}"),
        remove=Call(operation=f"untag_{kind}", request=f"{{{key}: id, TagKeys: keys}}"),
    )


_INLINE = "{RoleName: in.role, PolicyName: in.name, PolicyDocument: dumped(in.policy)}"
_OF_INLINE = "{RoleName: before(id, ':'), PolicyName: after(id, ':')}"

TABLE: Mapping[str, Entry] = {
    "aws:iam/role:Role": Entry(
        service="iam",
        create=Call(
            operation="create_role",
            request="{RoleName: in.name, AssumeRolePolicyDocument: dumped(in.assumeRolePolicy), "
            "Description: in.description, MaxSessionDuration: in.maxSessionDuration, "
            f"Path: in.path, PermissionsBoundary: in.permissionsBoundary, Tags: {tagging.PAIRS}}}",
        ),
        id="made.Role.RoleName",
        reads=(Read(operation="get_role", request="{RoleName: id}", pick="Role"),),
        seen={
            "tags": "mapped(it.Tags)", "name": "it.RoleName", "path": "it.Path",
            "assumeRolePolicy": "dumped(it.AssumeRolePolicyDocument)",
            "description": "it.Description", "maxSessionDuration": "it.MaxSessionDuration",
            "permissionsBoundary": "it.PermissionsBoundary.PermissionsBoundaryArn",
        },
        outputs={
            "arn": "it.Arn", "uniqueId": "it.RoleId",
        },
        puts=(
            Put(
                calls=(
                    Call(
                        operation="update_assume_role_policy",
                        request="{RoleName: id, PolicyDocument: dumped(in.assumeRolePolicy)}",
                    ),
                ),
                on_create=False,
            ),
            Put(
                calls=(
                    Call(
                        operation="update_role",
                        request="{RoleName: id, Description: in.description || '', "
                        "MaxSessionDuration: in.maxSessionDuration || `3600`}",
                    ),
                ),
                on_create=False,
            ),
        ),
        names=("name",),
        quiet=("forceDetachPolicies",),
        computed=("path", "maxSessionDuration"),
        before_delete=_detach,
        delete=(Call(operation="delete_role", request="{RoleName: id}"),),
        tags=_tags("role", "RoleName"),
    ),
    "aws:iam/rolePolicy:RolePolicy": Entry(
        service="iam",
        create=Call(operation="put_role_policy", request=_INLINE),
        id="join(':', [in.role, in.name])",
        reads=(
            Read(
                operation="get_role_policy", request=_OF_INLINE, pick="{found: PolicyDocument}"
            ),
        ),
        seen={
            "role": "before(id, ':')", "name": "after(id, ':')", "policy": "dumped(it.found)",
        },
        puts=(
            Put(calls=(Call(operation="put_role_policy", request=_INLINE),), on_create=False),
        ),
        replaces=("role", "name"),
        names=("role", "name"),
        delete=(Call(operation="delete_role_policy", request=_OF_INLINE),),
    ),
    "aws:iam/policy:Policy": Entry(
        service="iam",
        create=Call(
            operation="create_policy",
            request="{PolicyName: in.name, PolicyDocument: dumped(in.policy), Path: in.path, "
            f"Description: in.description, Tags: {tagging.PAIRS}}}",
        ),
        id="made.Policy.Arn",
        reads=(
            Read(operation="get_policy", request="{PolicyArn: id}", pick="Policy"),
            Read(
                name="version", operation="get_policy_version",
                request="{PolicyArn: id, VersionId: it.DefaultVersionId}", pick="PolicyVersion",
            ),
        ),
        seen={
            "tags": "mapped(it.Tags)", "name": "it.PolicyName", "path": "it.Path",
            "policy": "dumped(version.Document)", "description": "it.Description",
        },
        outputs={"arn": "id", "policyId": "it.PolicyId"},
        puts=(
            Put(
                hook=_drop_versions,
                calls=(
                    Call(
                        operation="create_policy_version",
                        request="{PolicyArn: id, PolicyDocument: dumped(in.policy), "
                        "SetAsDefault: `true`}",
                    ),
                ),
                on_create=False,
            ),
        ),
        names=("name",),
        computed=("path",),
        before_delete=_drop_versions,
        delete=(Call(operation="delete_policy", request="{PolicyArn: id}"),),
        tags=_tags("policy", "PolicyArn"),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Entry(
        service="iam",
        create=Call(
            operation="attach_role_policy", request="{RoleName: in.role, PolicyArn: in.policyArn}"
        ),
        id="join('/', [in.role, in.policyArn])",
        reads=(
            Read(
                operation="list_attached_role_policies", request="{RoleName: before(id, '/')}",
                pick="chosen(AttachedPolicies, 'PolicyArn', after(id, '/'))",
            ),
        ),
        seen={"role": "before(id, '/')", "policyArn": "after(id, '/')"},
        names=("role", "policyArn"),
        delete=(
            Call(
                operation="detach_role_policy",
                request="{RoleName: before(id, '/'), PolicyArn: after(id, '/')}",
            ),
        ),
    ),
}  # fmt: skip
