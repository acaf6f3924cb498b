"""The end of the logs that a stack's services write to CloudWatch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.resources import around

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

STREAMS = 10  # of a group, those that were written to last


def tail(account: Account, service: str, lines: int) -> list[str]:
    """The last `lines` lines of all logs of a service, by their times.

    A service is a log group's last word, such as `Task`, or one that a group's name has in it, such
    as `airflow`. Raises PilothouseError, with what there is, for another.
    """
    try:
        with api.calling():
            groups = _groups(account, service)
            streams = [each for group in groups for each in _streams(account, group)]
            events = [event for each in streams for event in _events(account, *each, lines)]
    except api.AwsError as error:
        raise PilothouseError(f"the logs can't be read: {error}") from error
    return [_line(event) for event in sorted(events, key=_time)[-lines:]]


def _groups(account: Account, service: str) -> list[str]:
    """The log groups of a service; PilothouseError, with what there is, if it has none."""
    groups = {*_own_groups(account), *(group for group, _ in _job_streams(account))}
    chosen = [group for group in sorted(groups) if _is_of(service, group)]
    if not chosen:
        known = ", ".join(sorted({_last(group) for group in groups}))
        raise PilothouseError(f"no log of {service!r}; there are: {known or 'none'}")
    return chosen


def _own_groups(account: Account) -> list[str]:
    return [each.name for each in around.log_groups(account)]


def _job_streams(account: Account) -> Iterator[tuple[str, str]]:
    """Of jobs, which share their groups with all others of the account."""
    for each in around.log_streams(account):
        yield each.about["logGroupName"], each.about["logStreamName"]


def _is_of(service: str, group: str) -> bool:
    return service.lower() in (_last(group).lower(), *re.split("[-/]", group.lower()))


def _last(group: str) -> str:
    return group.rpartition("-" if group.startswith("airflow-") else "/")[2]


def _streams(account: Account, group: str) -> Iterator[tuple[str, str]]:
    """The streams of a group that were written to last; of a shared one the stack's only."""
    if group in around.SHARED_LOGS:
        yield from (each for each in _job_streams(account) if each[0] == group)
        return
    for stream in account.client("logs").describe_log_streams(
        logGroupName=group, orderBy="LastEventTime", descending=True, limit=STREAMS
    )["logStreams"]:
        yield group, stream["logStreamName"]


def _events(account: Account, group: str, stream: str, lines: int) -> Iterator[dict[str, Any]]:
    yield from account.client("logs").get_log_events(
        logGroupName=group, logStreamName=stream, limit=lines, startFromHead=False
    )["events"]


def _time(event: dict[str, Any]) -> int:
    return int(event["timestamp"])


def _line(event: dict[str, Any]) -> str:
    when = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return f"{when:%Y-%m-%dT%H:%M:%SZ} {event['message'].rstrip()}"
