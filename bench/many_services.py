"""`python -m bench.many_services N`: the cost of a component with N services, as JSON."""

import gc
import sys

import pulumi

from bench.stub_engine import print_cost
from pilothouse.targets.local.resources.service import Service, ServiceArgs


class Many(pulumi.ComponentResource):
    """A component with `count` services, each with what a real one has."""

    def __init__(self, count: int) -> None:
        super().__init__("pilothouse:bench:Many", "many")
        opts = pulumi.ResourceOptions(parent=self)
        for number in range(count):
            Service(f"service-{number}", "/srv/home", _arguments(number), opts)
        self.register_outputs({})


def _arguments(number: int) -> ServiceArgs:
    return ServiceArgs(
        command=[pulumi.Output.from_input("/usr/bin/service"), "serve", f"--number={number}"],
        environment={f"SETTING_{key}": f"value {key}" for key in range(10)},
        secrets={"PASSWORD": pulumi.Output.secret("not a real one")},
        files={"settings.ini": pulumi.Output.secret("[service]\npassword = not a real one\n")},
        ports=[20000 + number],
    )


def main() -> None:
    """Make as many as the argument says, as `infra/__main__.py` would."""
    gc.disable()
    print_cost(lambda: Many(int(sys.argv[1])))


main()
