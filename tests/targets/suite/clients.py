"""The clients of a target: every target passes."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from pilothouse import targets
from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError
from pilothouse.services.clients import Clients
from tests.targets.suite import platforms
from tests.targets.suite.recorder import revealed


class ClientsSuite:
    """What `target` offers to whoever uses a running stack."""

    target: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def contract(cls, tmp_path_factory: pytest.TempPathFactory) -> Contract:
        example = next(file for file, target in platforms.CARRIED if target == cls.target)
        project = platforms.project_of(example, tmp_path_factory.mktemp("clients"))
        graph = platforms.recorded(project, cls.target)
        return Contract.from_output(revealed(graph.outputs["contract"]))

    @pytest.fixture
    def clients(self) -> Clients:
        made: Clients = targets.load(self.target, "clients")()
        return made

    def test_they_are_clients(self, clients: Clients) -> None:
        assert isinstance(clients, Clients)

    def test_every_probe_finds_that_nothing_runs(
        self, clients: Clients, contract: Contract, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No service is up, so each probe says so instead of raising."""
        monkeypatch.setattr("socket.socket.connect", _refuse)
        probes = [probe for _, capability in contract for probe in capability.probes]
        assert probes
        assert [probe.service for probe in probes if not clients.find_failure(probe)] == []

    def test_the_way_of_submitting_runs_is_known(
        self, clients: Clients, contract: Contract
    ) -> None:
        assert contract.orchestration.submit["kind"] in clients.submitters()

    def test_an_unknown_way_is_an_error(self, clients: Clients, contract: Contract) -> None:
        unheard = replace(contract.orchestration, submit={"kind": "unheard-of"})
        with pytest.raises(PilothouseError, match="unheard-of"):
            clients.workflows(unheard)

    def test_objects_are_found_below_the_storage(
        self, clients: Clients, contract: Contract
    ) -> None:
        store = clients.object_store(contract.storage)
        assert store.address("a/b.json") == f"{contract.storage.uri}/a/b.json"


def _refuse(*_arguments: object) -> None:
    raise ConnectionRefusedError("nothing runs")
