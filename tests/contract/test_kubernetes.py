"""The contract of the kubernetes target."""

from tests.contract.suite import ContractSuite


class TestKubernetes(ContractSuite):
    target = "kubernetes"
