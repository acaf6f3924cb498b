"""The proof that a platform works: the packaged workload, run on it now, found everywhere."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pilothouse.contract import Capability, Contract, Probe
from pilothouse.errors import PilothouseError
from pilothouse.lifecycle.proof.evidence import Evidence, collect
from pilothouse.services.airflow.client import airflow_api
from pilothouse.services.probes import complaint
from pilothouse.services.runs import Run, Runs, finish
from pilothouse.targets.aws.clients.mwaa_runs import mwaa
from pilothouse.targets.aws.clients.pipeline_runs import PipelineRuns

LOOK_AGAIN = 5.0  # seconds between two looks at the services while it runs

SUBMITTERS: Mapping[str, Callable[[Capability[str]], Runs]] = {
    "airflow-api": airflow_api,
    "mwaa": mwaa,
    "sagemaker-pipeline": PipelineRuns,
}


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


def verify(contract: Contract, tell: Callable[[str], None]) -> Proof:
    """Run the workload and find its token; NotProved names the service or the place that fails."""
    began = time.monotonic()
    token = f"verify-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(4)}"
    _require_services(contract)
    tell(f"services answer; run {token} begins")
    try:
        run = _run(contract, token, tell)
        evidence, result = collect(contract, token, run)
    except PilothouseError as error:
        _require_services(contract)
        raise NotProved(str(error)) from error
    seconds = time.monotonic() - began
    return Proof(token=token, seconds=round(seconds, 1), evidence=evidence, result=result)


def _run(contract: Contract, token: str, tell: Callable[[str], None]) -> Run:
    runs = SUBMITTERS[contract.orchestration.submit["kind"]](contract.orchestration)
    watch = _Watch(contract, tell)
    return finish(runs, runs.start(token), look=watch)


class _Watch:
    """Tells every change of a run's steps, and looks at the services now and then."""

    def __init__(self, contract: Contract, tell: Callable[[str], None]) -> None:
        self._contract, self._tell = contract, tell
        self._told, self._looked = "", time.monotonic()

    def __call__(self, steps: str) -> None:
        if steps != self._told:
            self._told = steps
            self._tell(steps)
        if time.monotonic() - self._looked > LOOK_AGAIN:
            _require_services(self._contract)
            self._looked = time.monotonic()


def _require_services(contract: Contract) -> None:
    probes = list(dict.fromkeys(probe for _, capability in contract for probe in capability.probes))
    with ThreadPoolExecutor(len(probes)) as pool:
        answers = zip(probes, pool.map(_complaint_twice, probes), strict=True)
    if amiss := [f"{probe.service}: {text}" for probe, text in answers if text]:
        raise NotProved("\n".join(amiss))


def _complaint_twice(probe: Probe) -> str:
    """A service that is being brought back gets a second look after a moment."""
    text = complaint(probe)
    if text:
        time.sleep(1.0)
        text = complaint(probe)
    return text
