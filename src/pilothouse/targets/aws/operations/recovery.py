"""Finds and removes what the engine began to make and could not record.

A name or a mark says that it is the stack's, the state's ids say what is known of it, and nothing
can have been made from it: the engine had no id to hand on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.operations import cleanup
from pilothouse.targets.aws.operations.cleanup import CLOCK, Clock
from pilothouse.targets.aws.operations.recovery_parts import parts
from pilothouse.targets.aws.resources import KINDS
from pilothouse.targets.aws.resources.kinds import Found, Kind
from pilothouse.targets.interface import PendingCreate

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

CONVERGES = frozenset(
    {
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    }
)
"""Types that are a setting of something else: made again they are the same, and they go with it."""


def remove(
    account: Account,
    pending: Sequence[PendingCreate] | None,
    recorded: Sequence[Mapping[str, Any]],
    *,
    clock: Clock = CLOCK,
) -> list[str]:
    """Remove what `pending` creates made and `recorded` does not have; what it was.

    Raises PilothouseError, before anything is removed, where a bucket or a registry would go that
    is not empty, or a kind can't be listed; and where a thing does not go.
    """
    kinds = kinds_of(pending, recorded)
    found = lost(account, kinds, recorded)
    if full := list(_full(account, found)):
        raise PilothouseError("\n".join(full))
    ids = {(kind, each.id) for kind, each in found}
    removed, left = cleanup.remove(
        account, kinds, lambda kind, each: (kind, each.id) in ids, clock=clock
    )
    if left:
        lines = [f"{each}: {each.why or each.found.detail}" for each in left]
        raise PilothouseError("\n".join(["an earlier run made it, and it does not go:", *lines]))
    return [str(each) for each in removed]


def lost(
    account: Account, kinds: Sequence[Kind], recorded: Sequence[Mapping[str, Any]]
) -> list[tuple[Kind, Found]]:
    """What is the stack's by its own marks, and in no state."""
    return [
        (kind, each)
        for kind in kinds
        for each in _listed(account, kind)
        if _is_lost(each, _known(recorded, kind))
    ]


def _known(recorded: Sequence[Mapping[str, Any]], kind: Kind) -> set[str]:
    """By what the state knows things of a kind: ids, and ARNs where a provider's id is another.

    Of a kind only: the id of a bucket's settings is the bucket's.
    """
    own = [each for each in recorded if each["type"] in kind.types]
    ids = {str(each.get("id") or "") for each in own}
    return ids | {str((each.get("outputs") or {}).get("arn") or "") for each in own}


def kinds_of(
    pending: Sequence[PendingCreate] | None, recorded: Sequence[Mapping[str, Any]]
) -> list[Kind]:
    """Those of the types of `pending`, parts first: they hold what they are a part of."""
    every = [*parts(recorded), *KINDS]
    with_types = [kind for kind in every if kind.types]
    if pending is None:
        return with_types
    types = {each.type for each in pending}
    return [kind for kind in with_types if types.intersection(kind.types)]


def _listed(account: Account, kind: Kind) -> list[Found]:
    try:
        with api.calling():
            return list(kind.find(account))
    except api.AwsError as error:
        message = f"an earlier run may have made a {kind.name}, which can't be looked for"
        raise PilothouseError(f"{message}: {error}") from error


def _is_lost(found: Found, known: set[str]) -> bool:
    marked = not found.inside and not found.pending
    return marked and not {found.id, found.arn or found.id} & known


def _full(account: Account, found: Sequence[tuple[Kind, Found]]) -> Iterator[str]:
    for kind, each in found:
        if what := kind.holds(account, each):
            yield (
                f"{kind.name} {each} is in no state and holds {what}, so it is left as it is: "
                f"empty it, or take it over with `pulumi import {kind.types[0]} NAME {each.id}`"
            )
