"""The contract of the aws target."""

from tests.targets.suite.contract import ContractSuite


class TestAws(ContractSuite):
    target = "aws"
