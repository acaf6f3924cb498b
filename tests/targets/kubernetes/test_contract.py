"""The suites that every target passes, on the kubernetes target."""

from typing import ClassVar

from tests.targets.suite.clients import ClientsSuite
from tests.targets.suite.contract import WorkloadSuite
from tests.targets.suite.operations import OperationsSuite
from tests.targets.suite.settings import SettingsSuite


class TestContract(WorkloadSuite):
    target = "kubernetes"
    submit: ClassVar = {
        "pod": frozenset({"image", "namespace", "serviceAccount"}),
        "airflow-api": frozenset({"dag"}),
    }


class TestSettings(SettingsSuite):
    target = "kubernetes"


class TestOperations(OperationsSuite):
    target = "kubernetes"


class TestClients(ClientsSuite):
    target = "kubernetes"
