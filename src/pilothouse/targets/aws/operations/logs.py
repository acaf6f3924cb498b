"""The end of the logs that a stack's services write to CloudWatch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.resources.logs import (
    SHARED_GROUPS,
    find_log_groups,
    find_log_streams,
)

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

STREAMS = 10  # of a group


def tail(account: Account, service: str, lines: int) -> list[str]:
    """The last `lines` lines of all logs of a service, in the order of their times.

    A service is the last word of a log group's name, such as `Task`, or any word in it, such as
    `airflow`. Raises PilothouseError, with the existing ones, for another.
    """
    try:
        with api.calling():
            groups = _groups(account, service)
            streams = [stream for group in groups for stream in _streams(account, group)]
            events = [
                event
                for group, stream in streams
                for event in _events(account, group, stream, lines)
            ]
    except api.AwsError as error:
        raise PilothouseError(f"the logs cannot be read: {error}") from error
    return [_line(event) for event in sorted(events, key=_time)[-lines:]]


def _groups(account: Account, service: str) -> list[str]:
    """The log groups of a service; PilothouseError, with the existing ones, if it has none."""
    own = (group.name for group in find_log_groups(account))
    groups = {*own, *(group for group, _ in _job_streams(account))}
    matching = [group for group in sorted(groups) if _is_of(service, group)]
    if not matching:
        existing = ", ".join(sorted({_last_word(group) for group in groups}))
        raise PilothouseError(f"no log of {service!r}; existing logs: {existing or 'none'}")
    return matching


def _job_streams(account: Account) -> Iterator[tuple[str, str]]:
    """The streams of jobs, which share their groups with all others of the account."""
    for stream in find_log_streams(account):
        yield stream.attributes["logGroupName"], stream.attributes["logStreamName"]


def _is_of(service: str, group: str) -> bool:
    return service.lower() in (_last_word(group).lower(), *re.split("[-/]", group.lower()))


def _last_word(group: str) -> str:
    return group.rpartition("-" if group.startswith("airflow-") else "/")[2]


def _streams(account: Account, group: str) -> Iterator[tuple[str, str]]:
    """The streams of a group that were written to last; of a shared one the stack's only."""
    if group in SHARED_GROUPS:
        yield from (stream for stream in _job_streams(account) if stream[0] == group)
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
    time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return f"{time:%Y-%m-%dT%H:%M:%SZ} {event['message'].rstrip()}"
