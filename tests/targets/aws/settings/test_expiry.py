"""Whether anything stops at the end of a pilot, and when, as the files say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pilothouse.targets.aws.operations.target import AwsOperations
from pilothouse.targets.aws.settings import expiry
from tests.targets.aws.graph.stacks import SUBNETS, TEAM, VPC, planned

OWN_VPC = {"network": {"vpcId": VPC, "privateSubnetIds": SUBNETS}}


@pytest.mark.parametrize(
    ("settings", "stops"),
    [
        ({"ends": True}, "managed Airflow is deleted with its history, the NAT gateway and its "),
        ({"ends": True, **OWN_VPC}, "managed Airflow is deleted with its history; buckets"),
        ({"engine": "managed"}, "the NAT gateway and its address go; buckets, images and logs"),
        ({"engine": "managed", "team": TEAM, **OWN_VPC}, "the schedule of runs is deleted; "),
        (
            {"engine": "managed", "network": {"egress": "endpoints"}},
            "the interface endpoints go; ",
        ),
        (
            {"engine": "managed", "tracking": {"server": "tracking-server"}, **OWN_VPC},
            "MLflow's server stops; ",
        ),
    ],
)
def test_what_stops_is_said(settings: Mapping[str, Any], stops: str) -> None:
    operations = AwsOperations(planned(settings))
    assert operations.stops_at_expiry().startswith(stops)
    assert operations.why_nothing_stops() == ""


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "write `atExpiry: stop` under `pilot` in platform.yaml"),
        ({"engine": "managed", **OWN_VPC}, "nothing of this stack bills by the hour"),
    ],
)
def test_why_nothing_stops_is_said_with_the_line_to_write(
    settings: Mapping[str, Any], reason: str
) -> None:
    operations = AwsOperations(planned(settings))
    assert operations.stops_at_expiry() == ""
    assert reason in operations.why_nothing_stops()


def test_where_nothing_is_to_end_nothing_acts() -> None:
    plan = planned({"engine": "managed"})
    pilot = plan.platform.pilot.model_copy(update={"at_expiry": "tell"})
    tells = plan.platform.model_copy(update={"pilot": pilot})
    assert expiry.acts(plan)
    assert not expiry.acts(replace(plan, platform=tells))


@pytest.mark.parametrize(
    ("used", "begins"),
    [
        (date(2026, 11, 23), datetime(2028, 1, 1, 0, 5, tzinfo=UTC)),
        (date(2027, 12, 31), datetime(2028, 1, 1, 0, 5, tzinfo=UTC)),
        (date(2028, 1, 5), datetime(2028, 1, 6, 0, 5, tzinfo=UTC)),
    ],
    ids=["long before", "on the last day", "of a pilot that is over"],
)
def test_it_begins_when_the_last_day_or_that_of_a_later_up_is_over(
    used: date, begins: datetime
) -> None:
    assert expiry.begins(planned({}).used_on(used)) == begins
