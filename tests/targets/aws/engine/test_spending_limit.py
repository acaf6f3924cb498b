"""A spent budget takes the right to start jobs away, and the stack still goes without a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from testkit.fake_aws import budget_actions
from testkit.fake_providers.aws import account
from testkit.support.accounts import Account

from tests.targets.aws.stage import stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


def denials(cloud: Account, role: str) -> list[dict[str, Any]]:
    """The statements of what is attached to a role from outside the stack's state."""
    iam = cloud.client("iam")
    found = []
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        made = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        found += made["Document"]["Statement"]
    return found


def test_at_all_of_the_budget_airflow_starts_no_jobs_and_down_leaves_nothing(
    tmp_path: Path,
) -> None:
    with stage(tmp_path) as made:
        made.up()
        budgets = account.backend("budgets", "aws")
        (action,) = budget_actions.held(budgets).values()
        addresses = [each["Address"] for each in action["Subscribers"]]
        assert addresses == ["ml-team@example.org"]
        assert budget_actions.spend(budgets, account.NUMBER, 99.9) == []

        (role,) = budget_actions.spend(budgets, account.NUMBER, 100)
        assert "airflow-role" in role
        (denied,) = denials(made.cloud, role)
        assert denied["Effect"] == "Deny"
        assert {"sagemaker:Create*Job", "sagemaker:StartPipelineExecution"} <= {*denied["Action"]}

        assert set(made.up()) == {"same"}
        assert denials(made.cloud, role) == [denied]
        made.down()
        assert made.stack.traces() == []


def test_without_the_action_only_mail_is_sent(tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        made.configure(budget={"atLimit": "tell"})
        made.up()
        budgets = account.backend("budgets", "aws")
        assert budget_actions.held(budgets) == {}
        made.configure()
        assert made.up()["create"] == 4
        made.configure(budget={"atLimit": "tell"})
        assert made.up()["delete"] == 4
        made.down()
        assert made.stack.traces() == []
