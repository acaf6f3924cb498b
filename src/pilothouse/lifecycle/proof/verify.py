"""The proof that a platform works: the packaged workload, run on it now, found everywhere."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.proof.evidence import Evidence, collect
from pilothouse.services.workflows import wait_for_run

if TYPE_CHECKING:
    from pilothouse.contract import Contract, Probe
    from pilothouse.services.clients import Clients
    from pilothouse.services.workflows import Run

PROBE_PERIOD = 5.0  # seconds between two probes of the services while the workload runs
RETRY_PAUSE = 1.0  # seconds until a service that failed its probe is probed again


class NotProved(PilothouseError):
    """The platform does not do what it promises; the message says which part."""

    exit_code = 3


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a verification found: where the run's token is, and what the workload says."""

    token: str
    seconds: float
    evidence: list[Evidence]
    result: Any


def verify(contract: Contract, clients: Clients, tell: Callable[[str], None]) -> Proof:
    """Run the workload and find its token; NotProved names the service or the place that fails."""
    began = time.monotonic()
    token = f"verify-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"
    _require_services(contract, clients)
    tell(f"services answer; run {token} begins")
    try:
        run = _run(contract, clients, token, tell)
        evidence, result = collect(contract, clients, token, run)
    except PilothouseError as error:
        _require_services(contract, clients)
        raise NotProved(str(error)) from error
    seconds = time.monotonic() - began
    return Proof(token=token, seconds=round(seconds, 1), evidence=evidence, result=result)


def _run(contract: Contract, clients: Clients, token: str, tell: Callable[[str], None]) -> Run:
    workflows = clients.workflows(contract.orchestration)
    watch = _Watch(contract, clients, tell)
    return wait_for_run(workflows, workflows.start(token), look=watch)


class _Watch:
    """Tells every change of a run's steps, and probes the services now and then."""

    def __init__(self, contract: Contract, clients: Clients, tell: Callable[[str], None]) -> None:
        self._contract, self._clients, self._tell = contract, clients, tell
        self._told, self._probed = "", time.monotonic()

    def __call__(self, steps: str) -> None:
        if steps != self._told:
            self._told = steps
            self._tell(steps)
        if time.monotonic() - self._probed > PROBE_PERIOD:
            _require_services(self._contract, self._clients)
            self._probed = time.monotonic()


def _require_services(contract: Contract, clients: Clients) -> None:
    probes = list(dict.fromkeys(probe for _, capability in contract for probe in capability.probes))

    def find_lasting_failure(probe: Probe) -> str:
        """A service that is being restarted is probed again after a moment."""
        if clients.find_failure(probe):
            time.sleep(RETRY_PAUSE)
            return clients.find_failure(probe)
        return ""

    with ThreadPoolExecutor(max(1, len(probes))) as pool:
        failures = zip(probes, pool.map(find_lasting_failure, probes), strict=True)
    if failed := [f"{probe.service}: {text}" for probe, text in failures if text]:
        raise NotProved("\n".join(failed))
