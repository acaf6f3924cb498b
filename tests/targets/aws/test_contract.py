"""The suites that every target passes, on the aws target."""

from typing import ClassVar

from tests.targets.suite.clients import ClientsSuite
from tests.targets.suite.contract import WorkloadSuite
from tests.targets.suite.operations import OperationsSuite
from tests.targets.suite.settings import SettingsSuite


class TestContract(WorkloadSuite):
    target = "aws"
    submit: ClassVar = {
        "mwaa": frozenset({"environment", "dag", "region"}),
        "sagemaker-pipeline": frozenset({"pipeline", "region"}),
        "sagemaker-job": frozenset(
            {"image", "role", "instanceType", "region", "subnets", "securityGroups"}
        ),
    }


class TestSettings(SettingsSuite):
    target = "aws"


class TestOperations(OperationsSuite):
    target = "aws"


class TestClients(ClientsSuite):
    target = "aws"
