"""The stack's supervisord, as a resource."""

import signal
from pathlib import Path

import pulumi

from pilothouse.targets.local.processes import process_table, supervision
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)


class SupervisorProvider(ConvergingProvider):
    """Starts supervisord, after ending all processes that an earlier one left in the folder."""

    replace_on = frozenset({"home"})

    def ensure(self, props: Props) -> Props:
        home = Path(props["home"])
        if not supervision.answers(home):
            _end_all(home)
            supervision.start(home)
        return {}

    def observe(self, props: Props) -> str | None:
        return "" if supervision.answers(Path(props["home"])) else "stopped"

    def remove(self, props: Props) -> None:
        supervision.shut_down(Path(props["home"]))
        _end_all(Path(props["home"]))


def _end_all(home: Path) -> None:
    process_table.end(process_table.of_folder(home), first=signal.SIGTERM, seconds=10)


class Supervisor(ConvergingResource, module="pilothouse", name="Supervisor"):
    """supervisord for the stack in `home`."""

    home: pulumi.Output[str]

    def __init__(self, name: str, home: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__(SupervisorProvider(), name, {"name": name, "home": home}, opts)
