"""The MWAA environment that runs the workload's steps where Airflow is the engine."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.targets.aws.settings.airflow_configuration import AirflowConfiguration
from pilothouse.targets.aws.settings.project_path import ProjectPath

Version = Literal["2.7.2", "2.8.1", "2.9.2", "2.10.1", "2.10.3", "2.11.0", "3.0.6"]
PYTHON: Mapping[str, str] = {"2.11.0": "3.12", "3.0.6": "3.12"}
"""The Python of those versions of Airflow that do not have 3.11, as MWAA's user guide says."""

EnvironmentClass = Literal[
    "mw1.micro", "mw1.small", "mw1.medium", "mw1.large", "mw1.xlarge", "mw1.2xlarge"
]

MICRO = "mw1.micro"
TASKS: Mapping[str, int] = {
    MICRO: 3,
    "mw1.small": 5,
    "mw1.medium": 10,
    "mw1.large": 20,
    "mw1.xlarge": 40,
    "mw1.2xlarge": 80,
}
"""How many tasks a worker of each class runs at once, as MWAA's user guide has them (2026)."""

MOST_WORKERS = 25


def engine_of(info: ValidationInfo) -> str:
    """The engine of orchestration in the platform that the settings are read for."""
    platform = (info.context or {}).get("platform")
    return platform.orchestration.engine if platform else "airflow"


class OrchestrationSettings(Section):
    """The version and the size of the MWAA environment; nothing with another engine."""

    version: Version = Field(default="3.0.6", description="Airflow's version.")
    environment_class: EnvironmentClass | None = Field(
        default=None,
        description="MWAA's class of environment. By default the platform's size decides.",
    )
    min_workers: int = Field(
        default=1, ge=1, le=MOST_WORKERS, description="Workers that are always there."
    )
    max_workers: int | None = Field(
        default=None,
        ge=1,
        le=MOST_WORKERS,
        description="Workers at most. By default as many as the platform's parallelism needs.",
    )
    airflow_configuration: AirflowConfiguration = Field(
        default_factory=dict,
        description="Options of airflow.cfg by `section.option`. Those that MWAA manages and "
        "secrets are refused.",
    )

    requirements: ProjectPath | None = Field(
        default=None,
        description="A requirements file of the project, which pip installs in the environment. By "
        "default that of `orchestration.requirements` in platform.yaml.",
    )
    constraints: ProjectPath | None = Field(
        default=None,
        description="A file of the project with the constraints of these requirements, such as "
        "Airflow's published ones for `version`.",
    )
    plugins: ProjectPath | None = Field(
        default=None, description="A folder or a ZIP archive of the project with Airflow plugins."
    )
    startup_script: ProjectPath | None = Field(
        default=None,
        description="A shell script of the project, which runs before each process of Airflow.",
    )

    @model_validator(mode="after")
    def _check_engine(self, info: ValidationInfo) -> Self:
        if self.model_fields_set and engine_of(info) != "airflow":
            key = str(type(self).model_fields[min(self.model_fields_set)].alias)
            found = f"a setting of MWAA with orchestration.engine: {engine_of(info)}"
            remedy = "remove it, or set orchestration.engine: airflow in platform.yaml"
            raise refusal(key=key, found=found, remedy=remedy)
        return self

    @model_validator(mode="after")
    def _has_its_workers_in_order(self) -> Self:
        most = self.max_workers
        if most is not None and most < self.min_workers:
            found = f"{most} below minWorkers {self.min_workers}"
            raise refusal(key="maxWorkers", found=found, remedy="raise it, or lower minWorkers")
        if self.environment_class == MICRO and max(self.min_workers, most or 1) > 1:
            key = "minWorkers" if self.min_workers > 1 else "maxWorkers"
            found = f"{max(self.min_workers, most or 1)} with {MICRO}"
            raise refusal(key=key, found=found, remedy="set 1, or choose a larger class")
        return self

    @model_validator(mode="after")
    def _check_constraints_are_used(self, info: ValidationInfo) -> Self:
        platform = (info.context or {}).get("platform")
        shared = platform.orchestration.requirements if platform else None
        if self.constraints and not (self.requirements or shared):
            remedy = "add it: the file that these constraints hold, or remove them"
            raise refusal(key="requirements", found="nothing with constraints", remedy=remedy)
        return self

    @property
    def python(self) -> str:
        """The version of Python in the environment, such as 3.12."""
        return PYTHON.get(self.version, "3.11")

    def class_of(self, size: str) -> str:
        """The class of environment for a platform of `size`."""
        return self.environment_class or f"mw1.{size}"

    def workers(self, size: str, parallelism: int) -> tuple[int, int]:
        """The fewest and the most workers for so many tasks at once."""
        needed = -(-parallelism // TASKS[self.class_of(size)])
        fitting = 1 if self.environment_class == MICRO else min(needed, MOST_WORKERS)
        return self.min_workers, self.max_workers or max(fitting, self.min_workers)
