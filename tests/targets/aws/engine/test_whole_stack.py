"""The program's own graph, made in memory: all of it is found, told from others, and goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest
from testkit.fake_providers.aws.replay import Made, Replay
from testkit.fake_providers.aws.settings import Settings
from testkit.support import iam

from pilothouse.plan import Plan
from pilothouse.program.build import build, record_graph
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations import deployer_policy
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.dry_run import record
from pilothouse.targets.shared import recovery
from tests.targets.aws.graph.stacks import TEAM
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import REGION, plan_of
from tests.targets.aws.teardown import clean_up, verdicts

STACKS: Mapping[str, Mapping[str, Any]] = {
    "mwaa": {"compute": {"domain": True}},
    "pipelines": {
        "team": TEAM,
        "engine": "managed",
        "tracking": {"server": "tracking-server"},
        "network": {"egress": "endpoints"},
    },
}


@pytest.fixture(params=STACKS)
def plan(request: pytest.FixtureRequest) -> Plan:
    """Two stacks that have every type between them."""
    return plan_of("aws", **STACKS[request.param])


@pytest.fixture
def made(account: Account) -> Replay:
    """The stack, all of it there."""
    replay = Replay(Settings(region=REGION, default_tags=dict(account.plan.tags)))
    record(lambda: build(account.plan), replay, stack_name="aws")
    return replay


def recorded(made: Sequence[Made]) -> list[dict[str, Any]]:
    """The state of a run that went well."""
    return [
        {
            "urn": f"urn::{resource.token}::{resource.name}",
            "type": resource.token,
            "id": resource.resource_id,
            "inputs": resource.inputs,
            "outputs": resource.inputs,
        }
        for resource in made
    ]


def orphans(
    account: Account, state: Sequence[Mapping[str, Any]], begun: Collection[str] | None = None
) -> list[str]:
    found = recovery.find_orphans(account, TABLE, begun, state)
    return [declared.type for declared, _ in found]


def test_of_a_state_that_has_all_nothing_is_lost(account: Account, made: Replay) -> None:
    assert orphans(account, recorded(made.made)) == []


def test_whatever_the_state_lacks_is_found_alone(account: Account, made: Replay) -> None:
    """But for what is a setting of something else: made again, it is the same."""
    state = recorded(made.made)
    wanted = [resource for resource in state if not TABLE.of_type(resource["type"]).setting_of]
    assert len(wanted) > 30
    for missing in wanted:
        rest = [resource for resource in state if resource is not missing]
        found = orphans(account, rest, [missing["type"]])
        assert found == [missing["type"]], missing["urn"]


def test_all_of_it_goes_in_a_sweep(account: Account, made: Replay) -> None:
    assert len(verdicts(account)) > 25
    clean_up(account)
    assert verdicts(account) == ["pending KMS key"]


def test_what_makes_reads_and_takes_it_away_is_allowed(
    account: Account, made: Replay, managed: Managed
) -> None:
    for resource in made.made:
        made.read(resource)
    made.delete_all()
    assert verdicts(account) == ["pending KMS key"]
    assert len(set(managed.called)) > 80
    assert (
        iam.refused(
            deployer_policy.documents(account.plan, record_graph(account.plan)), managed.called
        )
        == []
    )
