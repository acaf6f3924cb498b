"""The contract of the local target."""

from tests.targets.suite.contract import ContractSuite


class TestLocal(ContractSuite):
    target = "local"
