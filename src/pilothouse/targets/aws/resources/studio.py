"""SageMaker domains with their profiles, spaces and apps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.resources.kinds import Found, Kind

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

GONE = ("Deleted",)  # an app stays listed as that for a day
GOING = ("Deleting",)


def domains(account: Account) -> Iterator[Found]:
    """The stack's."""
    for each in account.listed("sagemaker", "list_domains", "Domains"):
        if account.owns(each["DomainName"], arn=each["DomainArn"]):
            yield Found(
                id=each["DomainId"],
                name=each["DomainName"],
                arn=each["DomainArn"],
                detail=each["Status"],
                going=each["Status"] in GOING,
            )


def _delete_domain(account: Account, found: Found) -> None:
    # Kept otherwise, its file system's groups would hold the subnets.
    policy = {"HomeEfsFileSystem": "Delete"}
    account.client("sagemaker").delete_domain(DomainId=found.id, RetentionPolicy=policy)


def _inside(
    operation: str, key: str, name: str, account: Account, *, marked: bool = False
) -> Iterator[Found]:
    """What lies in the stack's domains."""
    for domain in domains(account):
        for each in account.listed("sagemaker", operation, key, DomainIdEquals=domain.id):
            if each["Status"] not in GONE:
                yield Found(
                    id=f"{domain.id}/{each[name]}",
                    name=each[name],
                    arn=_arn_of_profile(domain, each[name]) if marked else "",
                    detail=each["Status"],
                    going=each["Status"] in GOING,
                    inside=not (marked and account.owns(each[name])),
                    about=each,
                )


def _arn_of_profile(domain: Found, name: str) -> str:
    return domain.arn.replace(":domain/", ":user-profile/") + f"/{name}"


def _delete(operation: str, keys: tuple[str, ...]) -> Callable[[Account, Found], None]:
    """A deletion that names a thing by those of `keys` that it has."""

    def delete(account: Account, found: Found) -> None:
        about: Mapping[str, Any] = found.about
        named = {key: about[key] for key in keys if about.get(key)}
        getattr(account.client("sagemaker"), operation)(**named)

    return delete


KINDS = (
    Kind(
        name="app",
        find=partial(_inside, "list_apps", "Apps", "AppName"),
        remove=_delete(
            "delete_app", ("DomainId", "AppType", "AppName", "SpaceName", "UserProfileName")
        ),
    ),
    Kind(
        name="space",
        find=partial(_inside, "list_spaces", "Spaces", "SpaceName"),
        remove=_delete("delete_space", ("DomainId", "SpaceName")),
    ),
    Kind(
        name="user profile",
        types=("aws:sagemaker/userProfile:UserProfile",),
        find=partial(_inside, "list_user_profiles", "UserProfiles", "UserProfileName", marked=True),
        remove=_delete("delete_user_profile", ("DomainId", "UserProfileName")),
    ),
    Kind(
        name="domain",
        types=("aws:sagemaker/domain:Domain",),
        find=domains,
        remove=_delete_domain,
    ),
)
"""In the order in which they can be deleted."""
