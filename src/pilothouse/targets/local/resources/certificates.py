"""The stack's certificate authority, and one certificate for calls between its store's parts."""

from pathlib import Path

import pulumi

from pilothouse.targets.local.processes import files
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    ConvergingResource,
    Props,
)

PARTS = ("ca.pem", "cert.pem", "key.pem")


class CertificatesProvider(ConvergingProvider):
    """Writes `ca.pem`, `cert.pem` and `key.pem`; the authority's key is discarded."""

    replace_on = frozenset({"folder"})

    def ensure(self, props: Props) -> Props:
        from pilothouse.targets.local.processes import (
            authority,  # imports cryptography, which a program does not need
        )

        folder = Path(props["folder"])
        if self.observe(props):
            for name in PARTS:  # a killed run must not leave old and new parts together
                files.remove(folder / name)
            for name, text in authority.issue().items():
                files.write_private(folder / name, text)
        return {}

    def observe(self, props: Props) -> str | None:
        folder = Path(props["folder"])
        complete = all((folder / name).is_file() for name in PARTS)
        return "" if complete else "incomplete"

    def remove(self, props: Props) -> None:
        files.remove(Path(props["folder"]))


class Certificates(ConvergingResource, module="pilothouse", name="Certificates"):
    """`ca.pem`, `cert.pem` and `key.pem` in `folder`; the state holds none of them."""

    folder: pulumi.Output[str]

    def __init__(self, name: str, folder: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
        super().__init__(CertificatesProvider(), name, {"name": name, "folder": folder}, opts)
