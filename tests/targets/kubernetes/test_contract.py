"""The contract of the kubernetes target."""

from tests.targets.suite.contract import ContractSuite


class TestKubernetes(ContractSuite):
    target = "kubernetes"
