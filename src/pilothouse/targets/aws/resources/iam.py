"""AWS IAM: roles and policies."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import Listing
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    iam_arn,
)
from pilothouse.targets.shared.resource_table import FoundResource, RecordedState

ROLE = "aws:iam/role:Role"
INLINE_POLICY = "aws:iam/rolePolicy:RolePolicy"

_ROLES = Listing(service="iam", operation="list_roles", key="Roles", name="RoleName", arn="Arn")
_POLICIES = Listing(
    service="iam",
    operation="list_policies",
    key="Policies",
    name="PolicyName",
    arn="Arn",
    id="Arn",
    arguments={"Scope": "Local"},
)


def _delete_role(account: Account, role: FoundResource) -> None:
    iam = account.client("iam")
    for policy in account.list_items(
        "iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role.id
    ):
        iam.detach_role_policy(RoleName=role.id, PolicyArn=policy["PolicyArn"])
    for name in _inline_policies(account, role.id):
        iam.delete_role_policy(RoleName=role.id, PolicyName=name)
    iam.delete_role(RoleName=role.id)


def _inline_policies(account: Account, role: str) -> Iterator[str]:
    return account.list_items("iam", "list_role_policies", "PolicyNames", RoleName=role)


def _find_inline_policies(account: Account, recorded: RecordedState) -> Iterator[FoundResource]:
    """Those of recorded roles whose own inputs do not define their policies."""
    for role in recorded:
        defines_them = (role.get("inputs") or {}).get("inlinePolicies")
        if role["type"] != ROLE or not role.get("id") or defines_them:
            continue
        for name in _inline_policies(account, role["id"]):
            attributes = {"RoleName": role["id"], "PolicyName": name}
            yield FoundResource(
                id=f"{role['id']}:{name}", name=f"{name} of {role['id']}", attributes=attributes
            )


def _delete_inline_policy(account: Account, policy: FoundResource) -> None:
    account.client("iam").delete_role_policy(**policy.attributes)


def _delete_policy(account: Account, policy: FoundResource) -> None:
    iam = account.client("iam")
    for version in account.list_items(
        "iam", "list_policy_versions", "Versions", PolicyArn=policy.id
    ):
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy.id, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=policy.id)


RESOURCES = (
    AwsResource(
        name="inline policy",
        type=INLINE_POLICY,
        billing=billing.free(),
        find_children=_find_inline_policies,
        delete=_delete_inline_policy,
        permissions=[
            Permission(
                actions="iam:PutRolePolicy iam:GetRolePolicy iam:DeleteRolePolicy",
                on=[iam_arn("role{role_path}{name}")],
                inputs_of=ROLE,
            ),
        ],
    ),
    AwsResource(
        name="role",
        type=ROLE,
        billing=billing.free(),
        find=_ROLES.find,
        delete=_delete_role,
        needed_by_retained=("mlflow-role",),
        permissions=[
            Permission(
                actions="iam:CreateRole iam:GetRole iam:UpdateRole iam:UpdateRoleDescription"
                " iam:UpdateAssumeRolePolicy iam:TagRole iam:UntagRole iam:ListRoleTags"
                " iam:ListRolePolicies iam:ListAttachedRolePolicies"
                " iam:ListInstanceProfilesForRole iam:GetRolePolicy iam:DeleteRole"
                " iam:DeleteRolePolicy iam:DetachRolePolicy",
                on=[iam_arn("role{role_path}{name}")],
            ),
        ],
        list_actions="iam:ListRoles",
        availability=ListCall(service="iam", operation="list_roles", arguments={"MaxItems": 1}),
    ),
    AwsResource(
        name="policy",
        type="aws:iam/policy:Policy",
        billing=billing.free(),
        find=_POLICIES.find,
        delete=_delete_policy,
        permissions=[
            Permission(
                actions="iam:CreatePolicy iam:GetPolicy iam:GetPolicyVersion"
                " iam:ListPolicyVersions iam:CreatePolicyVersion iam:DeletePolicyVersion"
                " iam:DeletePolicy iam:TagPolicy iam:UntagPolicy iam:ListPolicyTags",
                on=[iam_arn("policy{role_path}{name}")],
            ),
        ],
        list_actions="iam:ListPolicies",
    ),
)
