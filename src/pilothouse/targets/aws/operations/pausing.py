"""A pause: what is billed by the hour is stopped or deleted, and started again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.aws.resources.sagemaker import STOPPED_SERVER
from pilothouse.targets.shared import inventory
from pilothouse.targets.shared.cleanup import Sweep
from pilothouse.waiting import CLOCK, Clock, wait_until

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account
    from pilothouse.targets.aws.resources.declaration import AwsResource
    from pilothouse.targets.shared.resource_table import FoundResource, ResourceType

RUNS = ("pipeline execution", "training job", "processing job", "app")
"""What people and runs begin, which is billed while it runs."""

SERVER = "MLflow tracking server"
START_WITHIN, START_PAUSE = 3600.0, 15.0  # seconds


def stop(account: Account, *, clock: Clock = CLOCK) -> None:
    """Stop what runs, then what that needed; PilothouseError where anything goes on."""
    for types in _stages():
        Sweep(account, types, partial(_applies, account), clock=clock).run()
    if going_on := running(account):
        rest = ", ".join(going_on)
        raise PilothouseError(f"these go on, so it is paused in part: {rest}; pause it again")


def running(account: Account) -> list[str]:
    """What a pause stops, by its kind and name; PilothouseError where that cannot be listed."""
    try:
        return [
            f"{declared.name} {found.name}"
            for types in _stages()
            for declared in types
            for found in inventory.find(account, declared)
            if _applies(account, declared, found)
        ]
    except api.AwsError as error:
        raise PilothouseError(f"what runs cannot be listed: {error}") from error


def start(account: Account, *, clock: Clock = CLOCK) -> None:
    """Start the tracking server if it is stopped; PilothouseError where it does not start.

    What was deleted is the engine's to make.
    """

    def is_started() -> bool:
        with api.calling():
            servers = inventory.find(account, TABLE.named(SERVER))
            for server in servers:
                if server.detail == STOPPED_SERVER:
                    sagemaker = account.client("sagemaker")
                    sagemaker.start_mlflow_tracking_server(TrackingServerName=server.name)
            return not any(server.detail in _NOT_STARTED for server in servers)

    try:
        if not wait_until(is_started, seconds=START_WITHIN, pause=START_PAUSE, clock=clock):
            raise PilothouseError(
                f"the tracking server has not started within {START_WITHIN:.0f} s"
            )
    except api.AwsError as error:
        raise PilothouseError(f"the tracking server cannot be started: {error}") from error


_NOT_STARTED = (STOPPED_SERVER, "Stopping", "Starting")


def _stages() -> Iterator[Sequence[AwsResource]]:
    """What can be stopped at one time: runs and services, and the network after them."""
    declared = [each for each in TABLE if each.name in RUNS or each.stop]
    by_delay = sorted(declared, key=_is_needed_by_others)
    for _, stage in groupby(by_delay, key=_is_needed_by_others):
        yield [_stopping(each) for each in stage]


def _is_needed_by_others(declared: AwsResource) -> bool:
    return bool(declared.stop and declared.stop.delay)


def _stopping(declared: AwsResource) -> AwsResource:
    """The type with its stop in the place of its deletion."""
    return replace(declared, delete=declared.stop.call) if declared.stop else declared


def _applies(account: Account, declared: ResourceType[Account], found: FoundResource) -> bool:
    stop = TABLE.named(declared.name).stop
    return stop is None or stop.applies(account, found)
