"""A paused stack bills nothing by the hour, says so, and is the same stack after a resume."""

from __future__ import annotations

from pathlib import Path

import pytest
from testkit.fake_providers.aws import account
from testkit.support.accounts import REGION

from tests.targets.aws.stage import Stage, stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


def hourly(made: Stage) -> list[str]:
    """What the account is billed for by the hour, besides a tracking server."""
    found = made.cloud.client("ec2").describe_nat_gateways()["NatGateways"]
    gateways = [each["NatGatewayId"] for each in found if each["State"] != "deleted"]
    environments = account.backend("mwaa", REGION).environments
    addresses = made.cloud.client("ec2").describe_addresses()["Addresses"]
    return [
        *(name for name, each in environments.items() if each["Status"] != "DELETING"),
        *gateways,
        *(each["AllocationId"] for each in addresses),
    ]


def server(made: Stage) -> str:
    """The state of the tracking server, once it is turned on or off."""
    sagemaker = made.cloud.client("sagemaker")
    sagemaker.list_mlflow_tracking_servers()
    (found,) = sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"]
    return str(found["TrackingServerStatus"])


def test_a_paused_stack_goes_on_where_it_was(tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        made.configure(tracking={"server": "tracking-server"})
        made.up()
        assert len(hourly(made)) == 3
        stack = made.stack
        asked = stack.run("pause", expect=2)
        assert "pass --yes to pause the stack" in asked
        assert "history of its runs" in asked.replace("\n", " ")
        assert "a month costs" in asked
        assert len(hourly(made)) == 3

        stack.run("pause", "--yes")
        assert hourly(made) == []
        assert server(made) == "Stopped"
        said = stack.run("status", expect=1).replace("\n", " ")
        assert "not running: airflow, mlflow, network" in said
        assert "`pilothouse resume" in said
        assert "`pilothouse resume" in stack.run("verify", expect=3).replace("\n", " ")

        said = stack.run("resume").replace("\n", " ")
        assert len(hourly(made)) == 3
        assert server(made) == "Started"
        assert set(made.up()) == {"same"}

        stack.run("pause", "--yes")
        made.down()
        assert stack.traces() == []
