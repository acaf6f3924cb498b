"""Generated secrets, kept as secrets of the state and in a private file of the stack."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from pilothouse.services.generated_secrets import SecretKind, asked_rotations, generate_missing
from pilothouse.targets.local.processes import files
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)


class SecretsProvider(ConvergingProvider):
    """Generates missing secrets. After a killed run, the file has those of that run.

    Those in `rotations`, which is there only while it is asked for, are generated anew.
    """

    def ensure(self, props: Props) -> Props:
        path = _path(props)
        values = generate_missing(props["kinds"], _read(path), anew=props.get("rotations", ()))
        files.write_private(path, json.dumps(values, sort_keys=True))
        return {"values": values}

    def observe(self, props: Props) -> str | None:
        return "" if _read(_path(props)) == props["values"] else "changed"

    def remove(self, props: Props) -> None:
        """The file is removed with the stack's folder, unless data is retained."""


def _path(props: Props) -> Path:
    return Path(props["home"]) / "secrets" / f"{props['name']}.json"


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


class Secrets(ConvergingResource, module="pilothouse", name="Secrets"):
    """Secrets of the given kinds; `values` maps names to secrets."""

    values: pulumi.Output[dict[str, str]]

    def __init__(
        self,
        name: str,
        home: pulumi.Input[str],
        kinds: Mapping[str, SecretKind],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props: dict[str, Any] = {"name": name, "home": home, "kinds": dict(kinds)}
        if rotations := asked_rotations(kinds):
            props["rotations"] = rotations
        super().__init__(
            SecretsProvider(),
            name,
            props,
            pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(additional_secret_outputs=["values"])
            ),
            outputs=("values",),
        )

    def __getitem__(self, name: str) -> pulumi.Output[str]:
        return self.values.apply(lambda values: values[name])
