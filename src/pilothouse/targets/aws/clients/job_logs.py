"""What the jobs of the team's steps said, in CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pilothouse.services.workload import is_complete, lines_of_step
from pilothouse.targets.aws.clients import api
from pilothouse.waiting import wait_until

if TYPE_CHECKING:
    from pilothouse.targets.aws.settings.steps import Kind

WITHIN = 30.0  # seconds from a job's end to its last line
POLL = 2.0


def read(region: str, kind: Kind, job: str, *, is_over: bool) -> list[str]:
    """The lines of a step in the log of its job, which a job that is over has to its end."""
    found: list[str] = []

    def look() -> bool:
        found[:] = _lines(region, f"/aws/sagemaker/{kind}Jobs", f"{job}/")
        return is_complete(found)

    with api.calling():
        wait_until(look, seconds=WITHIN if is_over else 0.0, pause=POLL)
    return lines_of_step(found)


def _lines(region: str, group: str, prefix: str) -> list[str]:
    logs = api.client("logs", region)
    pages = logs.get_paginator("describe_log_streams")
    try:
        streams = [
            stream["logStreamName"]
            for page in pages.paginate(logGroupName=group, logStreamNamePrefix=prefix)
            for stream in page["logStreams"]
        ]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [line for stream in streams for line in _events(logs, group, stream)]


def _events(logs: Any, group: str, stream: str) -> Iterator[str]:
    """The lines of a stream from its beginning; the last page is the one that repeats its token."""
    token = ""
    while True:
        more = {"nextToken": token} if token else {}
        page = logs.get_log_events(
            logGroupName=group, logStreamName=stream, startFromHead=True, **more
        )
        yield from (event["message"].rstrip() for event in page["events"])
        if page["nextForwardToken"] == token:
            return
        token = page["nextForwardToken"]
