"""A gate that opens when services answer, so that starting and waiting can overlap."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pulumi

from pilothouse.contract import Probe
from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes import supervision
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)

PATIENCE = 300.0  # seconds; ten times what a start takes on two cores
STARTS = 3  # of a service that ends again and again, until it is given up
LOG_LINES = 15


class ReadyProvider(ConvergingProvider):
    """Waits for every probe; there is nothing to take away."""

    def ensure(self, props: Props) -> Props:
        deadline = time.monotonic() + PATIENCE
        for probe in _probes(props):
            _wait(Path(props["home"]), probe, deadline)
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


def _wait(home: Path, probe: Probe, deadline: float) -> None:
    from pilothouse.services.probes import find_failure

    seen: set[int] = set()
    while text := find_failure(probe):
        program = supervision.programs(home).get(probe.service)
        seen |= {program.pid} if program and program.pid else set()
        if program is None or len(seen) > STARTS or time.monotonic() > deadline:
            raise PilothouseError(f"{probe.service} did not come up: {text}\n{_tail(home, probe)}")
        time.sleep(0.1)


def _tail(home: Path, probe: Probe) -> str:
    log = supervision.log_path(home, probe.service)
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([f"{log}:", *lines[-LOG_LINES:]])


class Ready(ConvergingResource, module="pilothouse", name="Ready"):
    """Answers of `probes`; asked again whenever one of `after` changes."""

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
