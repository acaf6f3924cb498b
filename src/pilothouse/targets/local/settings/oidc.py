"""The secret of the client at the OpenID Connect provider, and the authorities that it trusts."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.targets.local.settings.dags import resolve


def _check_file(path: str, info: ValidationInfo) -> str:
    """Raise a refusal if there is no such file with text; only where it is about to be used."""
    project = (info.context or {}).get("project")
    if project:
        file = resolve(project, path)
        remedy = "write it, for you alone (chmod 600); relative paths start in the project"
        try:
            found = "" if file.read_text(encoding="utf-8").strip() else f"nothing in {file}"
        except (OSError, ValueError) as error:
            found = f"{file}, which cannot be read ({type(error).__name__})"
        if found:
            raise refusal(found=found, remedy=remedy)
    return path


class OidcSettings(Section):
    """What the stack's client of `access.oidc` has on this machine."""

    client_secret_file: Annotated[str, AfterValidator(_check_file)] = Field(
        min_length=1,
        description="The file with the client's secret, and nothing else in it; keep it out of "
        "version control.",
    )
    ca_file: Annotated[str, AfterValidator(_check_file)] | None = Field(
        default=None,
        min_length=1,
        description="The certificate authorities of the provider, in PEM. By default the public "
        "ones.",
    )

    def read_secret(self, project: Path) -> str:
        """The client's secret."""
        return resolve(project, self.client_secret_file).read_text(encoding="utf-8").strip()
