"""Generated secrets, kept in the state as secrets and in a private file while the stack lives."""

import json
from collections.abc import Mapping
from pathlib import Path

import pulumi

from pilothouse.services.generated import Kind, complete
from pilothouse.targets.local.processes import files
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)


class SecretsProvider(ConvergingProvider):
    """Generates what is not there yet. A run that was killed finds its secrets in the file."""

    def ensure(self, props: Props) -> Props:
        path = _path(props)
        made = complete(props["kinds"], _read(path))
        files.write_private(path, json.dumps(made, sort_keys=True))
        return {"values": made}

    def observe(self, props: Props) -> str | None:
        return "" if _read(_path(props)) == props["values"] else "changed"

    def remove(self, props: Props) -> None:
        """The file goes with the stack's folder, which may be asked to keep it."""


def _path(props: Props) -> Path:
    return Path(props["home"]) / "secrets" / f"{props['name']}.json"


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


class Secrets(ConvergingResource, module="pilothouse", name="Secrets"):
    """Named secrets of the given kinds; `values` has them by name."""

    values: pulumi.Output[dict[str, str]]

    def __init__(
        self,
        name: str,
        home: pulumi.Input[str],
        kinds: Mapping[str, Kind],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(
            SecretsProvider(),
            name,
            {"name": name, "home": home, "kinds": dict(kinds)},
            pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(additional_secret_outputs=["values"])
            ),
            outputs=("values",),
        )

    def __getitem__(self, name: str) -> pulumi.Output[str]:
        return self.values.apply(lambda values: values[name])
