"""A pause stops what bills by the hour and what begins it; what holds data stays and goes on."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError
from testkit.support.clock import ManualClock

from pilothouse.errors import PilothouseError
from pilothouse.plan import Plan
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import pausing
from pilothouse.targets.aws.operations.target import AwsOperations
from tests.targets.aws import planting
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import plan_of
from tests.targets.aws.teardown import verdicts

STOPPED = {
    *("MWAA environment", "NAT gateway", "VPC endpoint", "elastic IP"),
    *("schedule", "MLflow tracking server", "pipeline execution", "training job"),
}


def plant(account: Account) -> None:
    """A stack that runs, with a job and what begins more."""
    network = planting.vpc(account)
    subnet = planting.subnet(account, network)
    planting.nat_gateway(account, subnet)
    planting.interface_endpoint(account, network)
    planting.endpoint(account, network)
    planting.security_group(account, network, role="members")
    for plant_one in (planting.environment, planting.tracking_server):
        plant_one(account)
    planting.schedule(account, account.plan.name("schedule"))
    planting.execution(account, planting.pipeline(account))
    planting.training_job(account, account.plan.name("job"), status="InProgress")
    for role in ("data", "artifacts"):
        planting.bucket(account, role)
    for keep in (planting.key, planting.repository, planting.package_group, planting.budget):
        keep(account)
    settle(account)


def settle(account: Account) -> None:
    """See the tracking server made."""
    name = account.plan.name("mlflow")
    while server_status(account) != "Created":
        account.client("sagemaker").describe_mlflow_tracking_server(TrackingServerName=name)


def kinds(found: list[str]) -> set[str]:
    return {kind for kind in STOPPED if any(each.startswith(kind) for each in found)}


def test_what_bills_by_the_hour_stops_and_all_else_stays(account: Account) -> None:
    plant(account)
    assert kinds(AwsOperations(account.plan).stopped_by_pause()) == STOPPED
    before = set(verdicts(account))
    pausing.stop(account, clock=ManualClock().clock)
    assert pausing.running(account) == []
    gone = {each.partition(" ")[2] for each in before - set(verdicts(account))}
    assert gone - {"network interface"} == STOPPED - {"MLflow tracking server", "VPC endpoint"}
    endpoints = account.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    (stays,) = [each for each in endpoints if each["State"] != "deleted"]
    assert stays["VpcEndpointType"] == "Gateway"
    assert server_status(account) == "Stopped"


def server_status(account: Account) -> str:
    sagemaker = account.client("sagemaker")
    (server,) = sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"]
    return str(server["TrackingServerStatus"])


def test_the_way_out_goes_after_what_needs_it(account: Account, managed: Managed) -> None:
    plant(account)
    managed.called.clear()
    pausing.stop(account, clock=ManualClock().clock)
    order = [operation for _, operation in managed.called]
    last_look = max(i for i, name in enumerate(order) if name == "DeleteEnvironment")
    assert last_look < order.index("DeleteNatGateway")
    assert order.index("DeleteNatGateway") < order.index("ReleaseAddress")


def test_a_second_pause_finds_nothing_to_do(account: Account, managed: Managed) -> None:
    plant(account)
    pausing.stop(account, clock=ManualClock().clock)
    managed.called.clear()
    pausing.stop(account, clock=ManualClock().clock)
    changes = ("Delete", "Stop", "Release")
    assert not [name for _, name in managed.called if name.startswith(changes)]


def test_what_goes_on_is_an_error_that_names_it(
    account: Account, managed: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(account)
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteEnvironment")
    monkeypatch.setattr(managed, "mwaa_DeleteEnvironment", Mock(side_effect=denied), raising=False)
    with pytest.raises(PilothouseError) as caught:
        pausing.stop(account, clock=ManualClock().clock)
    assert f"MWAA environment {account.plan.name('airflow')}" in str(caught.value)
    assert "paused in part" in str(caught.value)


def test_a_stopped_tracking_server_is_started_and_awaited(account: Account) -> None:
    planting.tracking_server(account)
    settle(account)
    pausing.stop(account, clock=ManualClock().clock)
    assert server_status(account) == "Stopped"
    pausing.start(account, clock=ManualClock().clock)
    assert server_status(account) == "Started"
    pausing.start(account, clock=ManualClock().clock)


def test_another_stack_is_not_paused(account: Account, other: Plan) -> None:
    plant(account)
    before = verdicts(account)
    pausing.stop(Account(other), clock=ManualClock().clock)
    assert verdicts(account) == before


def test_the_status_of_a_paused_stack_names_what_is_gone(account: Account) -> None:
    plant(account)
    pausing.stop(account, clock=ManualClock().clock)
    found = {each.name: each for each in AwsOperations(account.plan).services()}
    stopped = {name for name, each in found.items() if each.state == "stopped"}
    assert stopped == {"airflow", "mlflow", "network"}
    assert "`pilothouse resume` makes it again" in found["airflow"].detail
    assert found["network"].detail.startswith("no NAT gateway")


@pytest.mark.parametrize(
    ("plan_made", "lost", "takes"),
    [
        (lambda: plan_of("aws"), "history of its runs", "20 to 30 minutes"),
        (lambda: plan_of("aws", engine="managed"), "", "5 to 10 minutes"),
    ],
)
def test_the_loss_of_managed_airflow_s_history_is_said(
    plan_made: Callable[[], Plan], lost: str, takes: str
) -> None:
    operations = AwsOperations(plan_made())
    assert operations.no_pause == ""
    assert lost in operations.lost_in_pause()
    assert bool(operations.lost_in_pause()) == bool(lost)
    assert operations.resume_takes().startswith(takes)
