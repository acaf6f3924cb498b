"""The declaration of a resource type on AWS: permissions, quota and availability besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources.billing import BillingRule
from pilothouse.targets.shared.resource_table import FoundResource, ResourceType

RequiredTag = Literal["", "request", "resource"]

ANY = "*"


def regional_arn(service: str, resource: str) -> str:
    """The pattern of a regional resource's ARN; the fields in it are put in later."""
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


def iam_arn(resource: str) -> str:
    """The pattern of the ARN of a resource of IAM, which has no region."""
    return f"arn:{{partition}}:iam::{{account}}:{resource}"


def bucket_arn(pattern: str) -> str:
    """The pattern of the ARN of a bucket or of its objects."""
    return f"arn:{{partition}}:s3:::{pattern}"


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Actions that IAM allows on resources.

    actions: separated by blanks.
    on: ARNs, in which `{region}`, `{account}`, `{partition}` and the inputs of each resource in
        the graph are put.
    inputs_of: the type whose resources' inputs these are, without which in the graph it is needed
        for nothing; empty for the declared type.
    required_tag: whether the request, or the resource, must have the stack's tag.
    passed_to: the services to which a role may be passed.
    """

    actions: str
    on: Sequence[str] = (ANY,)
    inputs_of: str = ""
    required_tag: RequiredTag = ""
    passed_to: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A limit of a service that a default account comes near to.

    service: its code in Service Quotas. name: words in the quota's name there.
    count_used: what of it the account uses.
    """

    service: str
    name: str
    count_used: Callable[[Account], int]


@dataclass(frozen=True, kw_only=True)
class ListCall:
    """The cheapest list call of a service: it answers where the service exists and may be used."""

    service: str
    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def _always(_account: Account, _found: FoundResource) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Stop:
    """The call that stops what is billed, in a pause and at the end of the pilot.

    service, operation: as boto3 names them. action, on: what IAM calls it, and the pattern of the
    ARN that ends with the id. arguments: those of the call, from the id that Pulumi's state has.
    applies: whether a found resource is to be stopped. delay: after which time it can be stopped,
    because others need it or hold it until then.
    """

    service: str
    operation: str
    action: str
    on: str
    arguments: Callable[[str], Mapping[str, Any]]
    applies: Callable[[Account, FoundResource], bool] = _always
    delay: timedelta = timedelta()

    def call(self, account: Account, found: FoundResource) -> None:
        """Stop a resource; the call is accepted, and what it begins takes a while."""
        getattr(account.client(self.service), self.operation)(**self.arguments(found.id))


@dataclass(frozen=True, kw_only=True, eq=False)
class AwsResource(ResourceType[Account]):
    """A resource type on AWS.

    created_by: Pulumi's type of the resource with which a service creates this one.
    permissions: what its deployment needs: to create, read, update, tag and delete it.
    list_actions: the actions, separated by blanks, with which it is looked for.
    quota: what it counts towards.
    availability: the call by which a preflight checks its service.
    billing: what is billed for one that the program makes; None for what only services create.
    stop: how a pause and the end of the pilot stop it; None for what goes on.
    """

    created_by: str = ""
    permissions: Sequence[Permission] = ()
    list_actions: str = ""
    quota: Quota | None = None
    availability: ListCall | None = None
    billing: BillingRule | None = None
    stop: Stop | None = None
