"""SageMaker Studio: domains with their user profiles, spaces and apps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import DELETED, DELETING, Listing, delete_by
from pilothouse.targets.aws.resources.declaration import AwsResource, Permission, regional_arn
from pilothouse.targets.aws.resources.permissions import USE_KEY, create_service_role, pass_role
from pilothouse.targets.aws.resources.sagemaker import permissions
from pilothouse.targets.shared.resource_table import FoundResource

DOMAIN = "aws:sagemaker/domain:Domain"


DOMAINS = Listing(
    service="sagemaker",
    operation="list_domains",
    key="Domains",
    name="DomainName",
    arn="DomainArn",
    id="DomainId",
    status="Status",
)


def _find_inside(
    operation: str, key: str, name_key: str, account: Account, *, has_own_name: bool = False
) -> Iterator[FoundResource]:
    """What is in the stack's domains; `has_own_name` where Pulumi names it."""
    for domain in DOMAINS.find(account):
        for item in account.list_items("sagemaker", operation, key, DomainIdEquals=domain.id):
            name = item[name_key]
            if item["Status"] not in DELETED:  # an app is listed as such for a day
                yield FoundResource(
                    id=f"{domain.id}/{name}",
                    name=name,
                    full_name=_profile_arn(domain, name) if has_own_name else "",
                    detail=item["Status"],
                    is_deleting=item["Status"] in DELETING,
                    is_inside=not (has_own_name and account.belongs_to_stack(name)),
                    attributes=item,
                )


def _profile_arn(domain: FoundResource, name: str) -> str:
    return domain.full_name.replace(":domain/", ":user-profile/") + f"/{name}"


def _delete_by(operation: str, *keys: str) -> Callable[[Account, FoundResource], None]:
    """A call that takes those of `keys` that the resource has."""

    def delete(account: Account, found: FoundResource) -> None:
        arguments = {key: found.attributes[key] for key in keys if found.attributes.get(key)}
        getattr(account.client("sagemaker"), operation)(**arguments)

    return delete


def _delete_all(kind: str, type_name: str) -> Permission:
    """Deletes any, also one that a person created in the domain."""
    return Permission(
        actions=f"sagemaker:Delete{type_name}", on=[regional_arn("sagemaker", f"{kind}/*")]
    )


RESOURCES = (
    AwsResource(
        name="app",
        find=partial(_find_inside, "list_apps", "Apps", "AppName"),
        delete=_delete_by(
            "delete_app", "DomainId", "AppType", "AppName", "SpaceName", "UserProfileName"
        ),
        created_by=DOMAIN,
        permissions=[_delete_all("app", "App")],
        list_actions="sagemaker:ListApps",
    ),
    AwsResource(
        name="space",
        find=partial(_find_inside, "list_spaces", "Spaces", "SpaceName"),
        delete=_delete_by("delete_space", "DomainId", "SpaceName"),
        created_by=DOMAIN,
        permissions=[_delete_all("space", "Space")],
        list_actions="sagemaker:ListSpaces",
    ),
    AwsResource(
        name="user profile",
        type="aws:sagemaker/userProfile:UserProfile",
        billing=billing.free(),
        find=partial(
            _find_inside,
            "list_user_profiles",
            "UserProfiles",
            "UserProfileName",
            has_own_name=True,
        ),
        delete=_delete_by("delete_user_profile", "DomainId", "UserProfileName"),
        permissions=[
            *permissions("user-profile/*/{userProfileName}", "UserProfile"),
        ],
        list_actions="sagemaker:ListUserProfiles",
    ),
    AwsResource(
        name="domain",
        type=DOMAIN,
        billing=billing.STUDIO_DOMAIN,
        find=DOMAINS.find,
        # Retained otherwise, its file system's groups would block the subnets' deletion.
        delete=delete_by(
            "sagemaker",
            "delete_domain",
            "DomainId",
            RetentionPolicy={"HomeEfsFileSystem": "Delete"},
        ),
        permissions=[
            *permissions("domain/*", "Domain"),  # its ARN ends with an id of AWS's own
            pass_role("sagemaker"),
            USE_KEY,
            create_service_role("sagemaker"),
            Permission(actions="elasticfilesystem:CreateFileSystem"),
            _delete_all("user-profile", "UserProfile"),
        ],
        list_actions="sagemaker:ListDomains",
    ),
)
"""In the order in which they can be deleted."""
