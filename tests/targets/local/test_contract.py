"""The suites that every target passes, on the local target."""

from typing import ClassVar

from tests.targets.suite.clients import ClientsSuite
from tests.targets.suite.contract import WorkloadSuite
from tests.targets.suite.operations import OperationsSuite
from tests.targets.suite.settings import SettingsSuite


class TestContract(WorkloadSuite):
    target = "local"
    submit: ClassVar = {"process": frozenset({"command"}), "airflow-api": frozenset({"dag"})}


class TestSettings(SettingsSuite):
    target = "local"


class TestOperations(OperationsSuite):
    target = "local"


class TestClients(ClientsSuite):
    target = "local"
