"""The proof that a platform works, where the contract promises little."""

from __future__ import annotations

import pytest

from pilothouse.contract import Capability, Contract
from pilothouse.lifecycle.proof.verify import NotProved, verify
from pilothouse.services.clients import Clients

NOTHING = Capability(uri="", console="")


def test_a_contract_without_probes_gets_to_its_run() -> None:
    submitted = Capability(uri="", console="", submit={"kind": "drum"})
    contract = Contract(storage=NOTHING, compute=NOTHING, tracking=NOTHING, orchestration=submitted)
    told = list[str]()
    with pytest.raises(NotProved, match="no client submits runs by 'drum'"):
        verify(contract, Clients(), told.append)
    assert told[0].startswith("services answer; run verify-")
