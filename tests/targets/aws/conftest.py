"""An AWS account in memory, and nothing beyond this machine that could be reached."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws
from testkit.fake_aws import extend

from pilothouse.plan import Plan
from pilothouse.targets.aws.clients.account import Account
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import ACCOUNT, REGION, plan_of

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Unreachable(OSError):
    """A test wanted to reach what is not on this machine."""


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise Unreachable(f"a test connects to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of an account in memory, whatever the caller's environment has."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-no-worth")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-no-worth")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture
def plan() -> Plan:
    """A stack's plan."""
    return plan_of("aws")


@pytest.fixture
def other() -> Plan:
    """Another stack of the same platform in the same account."""
    return plan_of("aws2")


@pytest.fixture
def managed(monkeypatch: pytest.MonkeyPatch) -> Managed:
    """What moto lacks, in every client."""
    extend()
    made = Managed(REGION, ACCOUNT)
    call = BaseClient.__dict__["_make_api_call"]
    monkeypatch.setattr(BaseClient, "_make_api_call", made.answering(call))
    return made


@pytest.fixture
def account(plan: Plan, managed: Managed) -> Iterator[Account]:
    """The stack's account, empty."""
    with mock_aws():
        yield Account(plan)


@pytest.fixture
def account_of_other(account: Account, other: Plan) -> Account:
    """The same account, as another stack sees it."""
    return Account(other)


class HoldFirst(Protocol):
    """Refuses the first calls of an EC2 operation; the list has one entry for each refused."""

    def __call__(
        self, operation: str, *, times: int, code: str = "DependencyViolation"
    ) -> list[int]: ...


@pytest.fixture
def hold_first(account: Account) -> Iterator[HoldFirst]:
    """Calls of the account that are refused, for this test only: clients outlive it."""
    events, registered = account.client("ec2").meta.events, list[tuple[str, Any]]()

    def hold(operation: str, *, times: int, code: str = "DependencyViolation") -> list[int]:
        refused: list[int] = []

        def refuse(**_context: object) -> None:
            if len(refused) < times:
                refused.append(1)
                raise ClientError({"Error": {"Code": code, "Message": "held"}}, operation)

        registered.append((f"before-call.ec2.{operation}", refuse))
        events.register(*registered[-1])
        return refused

    yield hold
    for event, handler in registered:
        events.unregister(event, handler)
