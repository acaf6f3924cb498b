"""The suites that every target passes, on the toy target."""

from typing import ClassVar

from tests.targets.suite.clients import ClientsSuite
from tests.targets.suite.contract import ContractSuite
from tests.targets.suite.operations import OperationsSuite
from tests.targets.suite.settings import SettingsSuite


class TestContract(ContractSuite):
    target = "toy"
    submit: ClassVar = {
        "thing": frozenset(),
        "toy-pipeline": frozenset({"model", "storage", "tracking"}),
    }


class TestSettings(SettingsSuite):
    target = "toy"


class TestOperations(OperationsSuite):
    target = "toy"


class TestClients(ClientsSuite):
    target = "toy"
