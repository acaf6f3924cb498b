"""EventBridge Scheduler: stops what bills by the hour when the pilot's last day is over.

Each is stopped by one call of AWS's API at one time, which a schedule makes by itself: no program
runs for that. The one role may make these calls with these resources, and no other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws.scheduler import Schedule, ScheduleGroup

from pilothouse.targets.aws import naming
from pilothouse.targets.aws.components import iam
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.aws.settings import expiry, schedule

if TYPE_CHECKING:
    from pulumi_aws.iam import Role, RolePolicy

    from pilothouse.targets.aws.components.factory import ResourceFactory
    from pilothouse.targets.aws.resources.declaration import Stop

LATEST = 3600
"""Seconds in which a call that fails is made again: not once somebody may have set a later day."""
TRIES = 20
"""How often it is made again in that time, with growing pauses."""


@dataclass(frozen=True)
class Hourly:
    """What bills by the hour: its logical name, the name of its type in the table, its id."""

    name: str
    type: str
    id: pulumi.Output[str]

    @property
    def stop(self) -> Stop:
        """How it is stopped; ValueError for a type that cannot be."""
        stop = TABLE.named(self.type).stop
        if stop is None:
            raise ValueError(f"nothing stops a {self.type}")
        return stop


class Expiry:
    """The schedules of the end of the pilot, with their group and role; none where nothing acts."""

    def __init__(self, factory: ResourceFactory) -> None:
        self._role: Role | None = None
        if not expiry.acts(factory.plan):
            return
        plan, name = factory.plan, naming.EXPIRY
        source = naming.schedule_group_arn(plan, name)
        self._role = factory.create_role(name, ["scheduler"], source)
        self._group = ScheduleGroup(
            name, name=plan.name(name), tags=factory.tags(name), opts=factory.options()
        )

    def stop(self, factory: ResourceFactory, part: str, hourly: Sequence[Hourly]) -> None:
        """Have these of a part of the stack stopped when the pilot is over."""
        if self._role is None or not hourly:
            return
        allowed = [iam.allow([each.stop.action], [_arn(factory, each)]) for each in hourly]
        policy = factory.create_role_policy(f"{naming.EXPIRY}-{part}", self._role, allowed)
        for each in hourly:
            self._schedule(factory, each, self._role, policy)

    def _schedule(
        self, factory: ResourceFactory, hourly: Hourly, role: Role, policy: RolePolicy
    ) -> Schedule:
        plan, name, stop = factory.plan, f"{naming.EXPIRY}-{hourly.name}", hourly.stop
        when = expiry.begins(plan) + stop.delay
        return Schedule(
            name,
            name=plan.name(name),
            group_name=self._group.name,
            description=f"Stops the {hourly.type} {hourly.name} after the pilot's last day",
            schedule_expression=f"at({when:%Y-%m-%dT%H:%M:%S})",
            schedule_expression_timezone=schedule.TIME_ZONE,
            flexible_time_window={"mode": "OFF"},
            state="ENABLED",
            target={
                "arn": naming.call_arn(plan, stop.service, stop.operation),
                "role_arn": role.arn,
                "input": hourly.id.apply(lambda found: json.dumps(stop.arguments(found))),
                "retry_policy": {
                    "maximum_event_age_in_seconds": LATEST,
                    "maximum_retry_attempts": TRIES,
                },
            },
            opts=factory.options(policy),
        )


def _arn(factory: ResourceFactory, hourly: Hourly) -> pulumi.Output[str]:
    where = naming.location(factory.plan)
    pattern = hourly.stop.on
    return hourly.id.apply(
        lambda found: pattern.format(
            partition=where.partition, region=where.region, account=where.account_id, id=found
        )
    )
