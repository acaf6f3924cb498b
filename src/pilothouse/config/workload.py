"""`workload`: the team's own package, and the steps that run of it on every target."""

import re
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from pilothouse.config.quantities import Cpu, Duration, Memory
from pilothouse.config.section import Section, rule
from pilothouse.config.validation import refusal
from pilothouse.errors import one_of, shown

_STEP = r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$"
_STEP_RULE = "up to 40 lower-case letters, digits and dashes, a letter first and no dash last"
_PARAMETER = r"^[a-z][a-z0-9_]{0,39}$"
VARIABLE = r"^[A-Z][A-Z0-9_]{0,99}$"
_PYTHON = r"^3\.[1-9][0-9]?$"
# What a step has from the platform, and what its interpreter and its loader read.
RESERVED = re.compile(
    r"(AWS|MLFLOW|AIRFLOW|PARAM|PYTHON|LD|PILOTHOUSE)_?.*"
    r"|DATA_URI|MODEL_NAME|RUN(_.*)?|STEP|PARAMETERS|INPUTS|OUTPUTS|PATH|HOME|TMPDIR|LANG"
)
MOST_STEPS = 50
_CRON_FIELDS = 5

Scalar = str | int | float | bool
VARIABLE_RULE = "the name of an environment variable, such as API_KEY"
_PARAMETER_RULE = "a name such as region: up to 40 of a-z, 0-9 and _, a letter first"


def _check_variable(name: str) -> str:
    if not re.fullmatch(VARIABLE, name):
        raise refusal(found=shown(name), remedy=f"write {VARIABLE_RULE}")
    if RESERVED.fullmatch(name):
        raise refusal(found=f"{name}, which the platform sets", remedy="give it another name")
    return name


def _check_scalar(value: object) -> object:
    if isinstance(value, Scalar):
        return value
    raise refusal(found=shown(value), remedy="write text, a number, true or false")


class StepResources(Section):
    """What a step needs of the machine that it runs on."""

    cpu: Cpu | None = Field(default=None, description="The CPU cores of the step.")
    memory: Memory | None = Field(default=None, description="The memory of the step.")
    gpus: int = Field(default=0, description="The number of GPUs of the step.", ge=0, le=8)


class Step(Section):
    """One command of the package."""

    name: str = Field(
        description="The step's name.", pattern=_STEP, json_schema_extra=rule(_STEP_RULE)
    )
    command: list[str] = Field(
        description="The program and its arguments; no shell reads them. `$(NAME)` is replaced by "
        "the environment variable NAME of the step, where there is one; `$$(` is `$(`.",
        min_length=1,
    )
    needs: list[str] = Field(
        default_factory=list,
        description="The steps that have to succeed before. What they wrote to `$OUTPUTS` is in "
        "`$INPUTS/<step>`.",
    )
    resources: StepResources = Field(
        default_factory=StepResources, description="What the step needs of a machine."
    )
    retries: int = Field(
        default=0, description="How often the step is tried again after a failure.", ge=0, le=10
    )
    timeout: Duration = Field(default="1h", description="The time that one try may take.")


def _check_schedule(schedule: str) -> str:
    from croniter import croniter

    if len(schedule.split()) != _CRON_FIELDS or not croniter.is_valid(schedule):
        raise refusal(
            found=shown(schedule),
            remedy='write five fields of cron, in UTC, such as "0 6 * * *" for each day at six',
        )
    return schedule


class Workload(Section):
    """The team's package and its steps."""

    package: str = Field(
        min_length=1,
        description="A folder of the project with a `pyproject.toml`, a wheel in the project, or a "
        "requirement such as `churn==0.3.0`.",
    )
    python: str = Field(
        default="3.11",
        pattern=_PYTHON,
        description="The version of Python that the steps run with.",
        json_schema_extra=rule('a minor version of Python as text, such as "3.12"'),
    )
    lock: str | None = Field(
        default=None,
        min_length=1,
        description="The file with the locked dependencies: `uv.lock` of the package's folder, or "
        "requirements with hashes. By default they are resolved and written to `workload.lock`.",
    )
    steps: list[Step] = Field(
        description="The steps, in any order.", min_length=1, max_length=MOST_STEPS
    )
    parameters: dict[
        str, Annotated[Any, BeforeValidator(_check_scalar, json_schema_input_type=Scalar)]
    ] = Field(
        default_factory=dict,
        json_schema_extra={"propertyNames": {"pattern": _PARAMETER}},
        description="The parameters of a run with their defaults. A step finds `region` in its "
        "variable PARAM_REGION, and all of them in PARAMETERS, as JSON.",
    )
    secrets: list[
        Annotated[
            str,
            AfterValidator(_check_variable),
            Field(json_schema_extra={"pattern": VARIABLE, **rule(VARIABLE_RULE)}),
        ]
    ] = Field(
        default_factory=list,
        description="The names of the environment variables of the steps that are secret. Their "
        "values come from the environment of `pilothouse`, or from what the stack file names.",
    )
    schedule: Annotated[str, AfterValidator(_check_schedule)] | None = Field(
        default=None,
        description="When all steps run, as five fields of cron in UTC. By default on request.",
    )

    def step(self, name: str) -> Step:
        """The step `name`; KeyError if there is none."""
        return {step.name: step for step in self.steps}[name]

    @property
    def order(self) -> Sequence[str]:
        """The names of the steps, each after those that it needs."""
        return list(TopologicalSorter(self._graph).static_order())

    @property
    def _graph(self) -> Mapping[str, Sequence[str]]:
        return {step.name: step.needs for step in self.steps}

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        known: set[str] = set()
        for number, step in enumerate(self.steps):
            if step.name in known:
                raise refusal(
                    key=("steps", number, "name"),
                    found=f"{shown(step.name)} a second time",
                    remedy="give each step a name of its own",
                )
            known.add(step.name)
        for number, step in enumerate(self.steps):
            for place, need in enumerate(step.needs):
                if need not in known:
                    raise refusal(
                        key=("steps", number, "needs", place),
                        found=f"no step {shown(need)}",
                        remedy=one_of(need, sorted(known)),
                    )
        return self._check_order()

    def _check_order(self) -> Self:
        try:
            TopologicalSorter(self._graph).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]
            names = [step.name for step in self.steps]
            raise refusal(
                key=("steps", names.index(circle[-1]), "needs"),
                found=f"a circle: {' needs '.join(reversed(circle))}",
                remedy="remove one of these needs",
            ) from None
        return self

    @field_validator("parameters")
    @classmethod
    def _check_parameters(cls, parameters: dict[str, Scalar]) -> dict[str, Scalar]:
        for name in parameters:
            if not re.fullmatch(_PARAMETER, name):
                raise refusal(key=(name,), found=shown(name), remedy=f"write {_PARAMETER_RULE}")
        return parameters

    @model_validator(mode="after")
    def _check_secrets(self) -> Self:
        for number, name in enumerate(self.secrets):
            if name in self.secrets[:number]:
                raise refusal(
                    key=("secrets", number), found=f"{name} a second time", remedy="remove it"
                )
        return self
