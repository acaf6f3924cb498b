"""The values of the workload's secrets on this machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo

from pilothouse.config import yaml_reader
from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.errors import InvalidInput
from pilothouse.targets.local.settings.dags import resolve


def _check_file(path: str, info: ValidationInfo) -> str:
    """Raise a refusal if there is no such file; only where it is about to be used."""
    project = (info.context or {}).get("project")
    if project and not resolve(project, path).is_file():
        remedy = "write it, for you alone (chmod 600); relative paths start in the project"
        raise refusal(found=f"no file {resolve(project, path)}", remedy=remedy)
    return path


class WorkloadSettings(Section):
    """What the team's workload has on this machine."""

    secrets_file: Annotated[str, AfterValidator(_check_file)] | None = Field(
        default=None,
        min_length=1,
        description="The YAML file with the values of `workload.secrets` by their names, as text; "
        "keep it out of version control. A variable of pilothouse's own environment wins.",
    )

    def read_secrets(self, project: Path) -> Mapping[str, str]:
        """The values of the file; raises InvalidInput where one is no text."""
        if not self.secrets_file:
            return {}
        document = yaml_reader.read(resolve(project, self.secrets_file))
        values: Mapping[str, Any] = document.data if isinstance(document.data, dict) else {}
        wrong = [name for name, value in values.items() if not isinstance(value, str)]
        if wrong or not values:
            raise InvalidInput(
                [
                    document.problem(
                        (name,) if name else (),
                        found="what is no text",
                        remedy="write `NAME: value` lines, and quote each value",
                    )
                    for name in (wrong or [""])
                ]
            )
        return values
