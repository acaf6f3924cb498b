"""The contract of the local target."""

from tests.contract.suite import ContractSuite


class TestLocal(ContractSuite):
    target = "local"
