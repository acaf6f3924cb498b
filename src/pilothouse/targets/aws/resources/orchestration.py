"""Managed Airflow: what is called MWAA in one place and `airflow` in another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pilothouse.targets.aws.resources.kinds import Found, Kind

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account


def _environments(account: Account) -> Iterator[Found]:
    mwaa = account.client("mwaa")
    for name in account.listed("mwaa", "list_environments", "Environments"):
        if account.owns(name):
            described = mwaa.get_environment(Name=name)["Environment"]
            status = described["Status"]
            if status != "DELETED":
                yield Found(
                    id=name,
                    name=name,
                    arn=described["Arn"],
                    detail=status,
                    going=status == "DELETING",
                )


def _delete_environment(account: Account, found: Found) -> None:
    account.client("mwaa").delete_environment(Name=found.id)


KINDS = (
    Kind(
        name="MWAA environment",
        types=("aws:mwaa/environment:Environment",),
        find=_environments,
        remove=_delete_environment,
    ),
)
