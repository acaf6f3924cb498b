"""Packages that nobody wrote for this, from the index, on AWS: the same lines as elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testkit.fake_aws import pipelines
from testkit.fake_aws.jobs import Machines
from testkit.support.accounts import REGION
from testkit.support.stacks import MINIMAL

from tests.e2e.public_packages import PACKAGES, Public
from tests.targets.aws.live.machines import executor
from tests.targets.aws.stage import AccountStack, stage

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountStack]:
    """A stack whose jobs are carried out; each test gives it another workload."""
    with stage(tmp_path_factory.mktemp("control")) as made:
        machines = Machines(tmp_path_factory.mktemp("machines"), made.cloud.url, REGION)
        with pipelines.executed_by(executor(machines)):
            yield made.stack
            made.stack.run("down", "--yes")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_of_the_index_runs_with_the_same_lines(stack: AccountStack, name: str) -> None:
    public: Public = PACKAGES[name]
    text = MINIMAL + "orchestration: {engine: managed}\n" + public.workload
    (stack.project / "platform.yaml").write_text(text)
    stack.run("up")
    assert public.says in stack.run("run", "--follow")
