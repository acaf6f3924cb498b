"""The types that the double knows, a module a service."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Entry
from testkit.fake_providers.aws.table import (
    ec2,
    ecr,
    endpoints,
    groups,
    iam,
    keys,
    mwaa,
    routes,
    s3,
    sagemaker,
    scheduler,
    watching,
)

TABLE: Mapping[str, Entry] = {
    **ec2.TABLE,
    **ecr.TABLE,
    **endpoints.TABLE,
    **groups.TABLE,
    **iam.TABLE,
    **keys.TABLE,
    **mwaa.TABLE,
    **routes.TABLE,
    **s3.TABLE,
    **sagemaker.TABLE,
    **scheduler.TABLE,
    **watching.TABLE,
}


def entry_of(token: str) -> Entry:
    """The line of a type; ValueError for a type that the double does not model."""
    try:
        return TABLE[token]
    except KeyError:
        known = ", ".join(sorted(TABLE))
        raise ValueError(f"the double does not model {token}; it knows {known}") from None
