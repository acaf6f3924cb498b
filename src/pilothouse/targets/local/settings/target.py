"""The settings of the `local` target, under `pilothouse:local` in the stack file."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, ValidationInfo, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.plan import Plan
from pilothouse.targets.local.settings.cost import CostSettings
from pilothouse.targets.local.settings.dags import DagSettings
from pilothouse.targets.local.settings.oidc import OidcSettings
from pilothouse.targets.local.settings.workload import WorkloadSettings

# Above the ports of well-known services and below Linux's ephemeral ports, which begin at 32768.
FIRST_PORT, LAST_PORT = 20000, 32000
BLOCK = 20  # ports of one stack


class LocalSettings(Section):
    """The ports and the folders of a stack on this machine."""

    instead: ClassVar[Mapping[str, str]] = {
        "env": "remove it: a task gets variables of its own in its DAG or by "
        "`airflow variables set`, as docs/local-dags.md shows",
        "packages": "remove it: run the tasks that need packages in a Python environment of your "
        "own by @task.external_python, as docs/local-dags.md shows",
    }

    base_port: int | None = Field(
        default=None,
        ge=1024,
        le=65535 - BLOCK,
        description=f"The first of the stack's {BLOCK} ports on 127.0.0.1. "
        "By default derived from the names of the platform and the stack.",
    )
    home: str | None = Field(
        default=None,
        min_length=1,
        description="The folder of the stack. By default `.pilothouse/<stack>` in the project, "
        "or a folder below /var/lib/pilothouse if pilothouse runs as root and other users cannot "
        "enter the project.",
    )
    environments: str | None = Field(
        default=None,
        min_length=1,
        description="The folder of the services' Python environments, which stacks share. "
        "By default `environments` beside the default folder of the stack.",
    )
    dags: DagSettings = Field(default_factory=DagSettings, description="The team's DAGs.")
    oidc: OidcSettings | None = Field(
        default=None,
        description="The stack's client at the provider of `access.oidc`, which requires it.",
    )
    workload: WorkloadSettings = Field(
        default_factory=WorkloadSettings, description="The team's workload on this machine."
    )
    cost: CostSettings = Field(
        default_factory=CostSettings, description="The machine's price, for the estimate of costs."
    )
    postgres_user: str = Field(
        default="nobody",
        min_length=1,
        description="The OS user that PostgreSQL runs as when pilothouse runs as root.",
    )

    @model_validator(mode="after")
    def _check_oidc(self, info: ValidationInfo) -> Self:
        platform = (info.context or {}).get("platform")
        if platform and platform.access.oidc and not self.oidc:
            raise refusal(
                key="oidc",
                found="nothing, with access.oidc in platform.yaml",
                remedy="add `oidc` with `clientSecretFile`, the file with the client's secret",
            )
        return self


LocalPlan = Plan[LocalSettings]
"""A plan with the settings of this target."""
