"""Executions of SageMaker pipelines that a test carries out, and their steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

from moto.sagemaker import models
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from testkit.fake_aws.records import NotFound

_Backend: Any = SageMakerModelBackend  # it is changed here
_Response: Any = SageMakerResponse  # it is changed here
Executor = Callable[[Mapping[str, Any], Mapping[str, str]], None]
"""Carries out a step of a pipeline's definition with the execution's parameters, or raises."""

_models: Any = models
_executors: list[Executor] = []


def extend() -> None:
    """Give moto's executions their steps."""
    theirs = SageMakerModelBackend.start_pipeline_execution

    def start(self: Any, *given: Any, **named: Any) -> Any:
        made = theirs(self, *given, **named)
        _begin(self, made["PipelineExecutionArn"])
        return made

    _models.get_pipeline_from_name = _pipeline
    _Backend.start_pipeline_execution = start
    _Response.list_pipeline_execution_steps = _steps


@contextmanager
def executed_by(executor: Executor) -> Iterator[None]:
    """Steps are carried out by `executor`, one after the other as the pipeline gives them."""
    _executors.append(executor)
    try:
        yield
    finally:
        _executors.remove(executor)


def _pipeline(pipelines: Mapping[str, Any], name: str) -> Any:
    if name not in pipelines:
        raise NotFound(f"Pipeline {name} does not exist")
    return pipelines[name]


def _begin(backend: Any, arn: str) -> None:
    execution = _execution(backend, arn)
    definition = json.loads(execution.pipeline_definition_for_execution or "{}")
    execution.steps = [
        {"StepName": step["Name"], "StepStatus": "Succeeded"}
        for step in definition.get("Steps", [])
    ]
    if _executors:
        execution.pipeline_execution_status = "Executing"
        arguments = (execution, definition, _executors[-1])
        Thread(target=_carry_out, args=arguments, daemon=True).start()


def _carry_out(execution: Any, definition: Mapping[str, Any], executor: Executor) -> None:
    parameters = {p["Name"]: str(p["DefaultValue"]) for p in definition.get("Parameters", [])
                  if "DefaultValue" in p}  # fmt: skip
    parameters |= {p["Name"]: p["Value"] for p in execution.pipeline_parameters or []}
    for step in execution.steps:
        step["StepStatus"] = "Starting"
    for step, wanted in zip(execution.steps, definition.get("Steps", []), strict=True):
        step["StepStatus"] = "Executing"
        try:
            executor(wanted, parameters)
        except Exception as error:  # noqa: BLE001  (whatever a test's step raises, it has failed)
            step |= {"StepStatus": "Failed", "FailureReason": str(error)}
            execution.pipeline_execution_status = "Failed"
            execution.pipeline_execution_failure_reason = str(error)
            return
        step["StepStatus"] = "Succeeded"
    execution.pipeline_execution_status = "Succeeded"


def _execution(backend: Any, arn: str) -> Any:
    for pipeline in backend.pipelines.values():
        if arn in pipeline.pipeline_executions:
            return pipeline.pipeline_executions[arn]
    raise NotFound(f"execution {arn} does not exist")


def _steps(self: Any) -> str:
    execution = _execution(self.sagemaker_backend, json.loads(self.body)["PipelineExecutionArn"])
    return json.dumps({"PipelineExecutionSteps": execution.steps})
