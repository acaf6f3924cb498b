"""The team's workload as a SageMaker pipeline, with the workload's parameters as its own.

A run is known by the id of the pipeline's execution, so that one that is started in Studio or by
the schedule needs nothing besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pilothouse.services.workload import CURRENT_PACKAGE, OWN_OUTPUTS
from pilothouse.targets.aws.components import team_jobs
from pilothouse.targets.aws.components.pipeline_definition import RETRIES, SCHEMA
from pilothouse.targets.aws.components.team_jobs import RunVariables
from pilothouse.targets.aws.naming import INPUTS_PARAMETER, PACKAGE_PARAMETER
from pilothouse.targets.aws.settings import steps

if TYPE_CHECKING:
    from pilothouse.config.workload import Scalar, Step, Workload
    from pilothouse.targets.aws.components import sagemaker_jobs
    from pilothouse.targets.aws.settings.target import AwsPlan

_TYPES: Mapping[type, str] = {str: "String", bool: "Boolean", int: "Integer", float: "Float"}


def definition(plan: AwsPlan, workload: Workload, where: sagemaker_jobs.Workload) -> dict[str, Any]:
    """The pipeline's definition, to be given to SageMaker as JSON."""
    variables = RunVariables(
        run={"Get": "Execution.PipelineExecutionId"},
        package=_value_of(PACKAGE_PARAMETER),
        inputs=_value_of(INPUTS_PARAMETER),
        parameters={name: _text_of(name, default) for name, default in workload.parameters.items()},
    )
    given = {
        PACKAGE_PARAMETER: CURRENT_PACKAGE,
        INPUTS_PARAMETER: OWN_OUTPUTS,
        **workload.parameters,
    }
    return {
        "Version": SCHEMA,
        "Parameters": [
            {"Name": name, "Type": _TYPES[type(default)], "DefaultValue": default}
            for name, default in given.items()
        ],
        "Steps": [_step(plan, where, workload.step(name), variables) for name in workload.order],
    }


def _step(
    plan: AwsPlan, where: sagemaker_jobs.Workload, step: Step, variables: RunVariables
) -> dict[str, Any]:
    return {
        "Name": step.name,
        "Type": steps.kind_of(step),
        "Arguments": team_jobs.request(plan, where, step, variables),
        "DependsOn": step.needs,
        "RetryPolicies": list(RETRIES),
    }


def _value_of(parameter: str) -> dict[str, str]:
    return {"Get": f"Parameters.{parameter}"}


def _text_of(parameter: str, default: Scalar) -> dict[str, Any]:
    """A variable of a job is a text, which a parameter of another type is made here."""
    value = _value_of(parameter)
    return value if isinstance(default, str) else {"Std:Join": {"On": "", "Values": [value]}}
