"""The contract of the aws target."""

from tests.contract.suite import ContractSuite


class TestAws(ContractSuite):
    target = "aws"
