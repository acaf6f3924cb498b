"""Waits until services answer, so that several services can start at the same time."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pulumi

from pilothouse.contract import Probe
from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import process_log, supervision
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)

TIMEOUT = 300.0  # seconds; ten times what a start takes on two cores
STARTS = 3  # of a service that keeps exiting, before the wait fails


class ReadyProvider(ConvergingProvider):
    """Waits for every probe; there is nothing to delete."""

    def ensure(self, props: Props) -> Props:
        deadline = time.monotonic() + TIMEOUT
        for probe in _probes(props):
            _wait_for(Path(props["home"]), probe, deadline)
        return {}

    def observe(self, props: Props) -> str | None:
        from pilothouse.services.probes import (
            find_failure,  # its HTTP client is of no use to a program
        )

        complaints = ((probe.service, find_failure(probe)) for probe in _probes(props))
        return "; ".join(f"{service}: {text}" for service, text in complaints if text)

    def remove(self, props: Props) -> None:
        pass


def _probes(props: Props) -> list[Probe]:
    return [Probe(**probe) for probe in props["probes"]]


def _wait_for(home: Path, probe: Probe, deadline: float) -> None:
    from pilothouse.services.probes import find_failure

    pids: set[int] = set()
    while text := find_failure(probe):
        program = supervision.programs(home).get(probe.service)
        pids |= {program.pid} if program and program.pid else set()
        if program is None or len(pids) > STARTS or time.monotonic() > deadline:
            log = supervision.log_path(home, probe.service)
            raise PilothouseError(
                "\n".join([f"{probe.service} did not come up: {text}", *process_log.end_of(log)])
            )
        time.sleep(0.1)


class Ready(ConvergingResource, module="pilothouse", name="Ready"):
    """Successful `probes`, run again whenever a value of `after` changes."""

    def __init__(
        self,
        name: str,
        home: pulumi.Input[str],
        probes: Sequence[Probe],
        after: Mapping[str, pulumi.Input[float]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {
            "name": name,
            "home": home,
            "probes": [asdict(probe) for probe in probes],
            "after": dict(after),
        }
        super().__init__(ReadyProvider(), name, props, opts)
