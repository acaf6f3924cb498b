"""Executions of SageMaker pipelines that a test carries out, and their steps."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker import models
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from testkit.fake_aws.records import NotFound

_Backend: Any = SageMakerModelBackend  # it is changed here
_Response: Any = SageMakerResponse  # it is changed here
EXECUTION_ID = "Execution.PipelineExecutionId"
Executor = Callable[[Mapping[str, Any], Mapping[str, str]], Mapping[str, Any] | None]
"""Carries out a step of a pipeline's definition with the execution's parameters, or raises.

Under EXECUTION_ID these have the execution's id. What it returns describes the job that it made.
"""

_models: Any = models
_executors: list[Executor] = []
_selection: ContextVar[Mapping[str, Any] | None] = ContextVar("selection", default=None)
"""The request's SelectiveExecutionConfig, which moto does not hand on."""


def extend() -> None:
    """Give moto's executions their steps."""
    theirs = SageMakerModelBackend.start_pipeline_execution
    answer_of_theirs = _Response.start_pipeline_execution

    def start(self: Any, *given: Any, **named: Any) -> Any:
        made = theirs(self, *given, **named)
        _begin(self, made["PipelineExecutionArn"], _selection.get())
        return made

    def answer(self: Any) -> Any:
        token = _selection.set(json.loads(self.body).get("SelectiveExecutionConfig"))
        try:
            return answer_of_theirs(self)
        finally:
            _selection.reset(token)

    _models.get_pipeline_from_name = _pipeline
    _Backend.start_pipeline_execution = start
    _Response.start_pipeline_execution = answer
    _Response.list_pipeline_execution_steps = _steps
    _Response.list_pipeline_executions = _executions


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


def resolve(value: Any, parameters: Mapping[str, str]) -> Any:
    """A part of a step with its expressions replaced by what they stand for."""
    if isinstance(value, list):
        return [resolve(part, parameters) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Get"}:
        return parameters[value["Get"].removeprefix("Parameters.")]
    if set(value) == {"Std:Join"}:
        return value["Std:Join"]["On"].join(resolve(value["Std:Join"]["Values"], parameters))
    return {key: resolve(part, parameters) for key, part in value.items()}


def _begin(backend: Any, arn: str, selection: Mapping[str, Any] | None) -> None:
    execution = _execution(backend, arn)
    definition = json.loads(execution.pipeline_definition_for_execution or "{}")
    selected = [step["StepName"] for step in (selection or {}).get("SelectedSteps", [])]
    wanted = [
        step for step in definition.get("Steps", []) if not selected or step["Name"] in selected
    ]
    execution.steps = [{"StepName": step["Name"], "StepStatus": "Succeeded"} for step in wanted]
    if _executors:
        execution.pipeline_execution_status = "Executing"
        arguments = (execution, definition, wanted, _executors[-1])
        Thread(target=_carry_out, args=arguments, daemon=True).start()


def _carry_out(
    execution: Any,
    definition: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    executor: Executor,
) -> None:
    parameters = {p["Name"]: _text(p["DefaultValue"]) for p in definition.get("Parameters", [])
                  if "DefaultValue" in p}  # fmt: skip
    parameters |= {p["Name"]: p["Value"] for p in execution.pipeline_parameters or []}
    parameters[EXECUTION_ID] = execution.arn.rpartition("/")[2]
    for step in execution.steps:
        step["StepStatus"] = "Starting"
    for step, wanted in zip(execution.steps, steps, strict=True):
        step |= {"StepStatus": "Executing", "StartTime": time.time(), "AttemptCount": 1}
        try:
            step["Metadata"] = executor(wanted, parameters) or {}
        except Exception as error:  # noqa: BLE001  (whatever a test's step raises, it has failed)
            step.update(
                StepStatus="Failed", FailureReason=str(error), EndTime=time.time(),
                Metadata=getattr(error, "metadata", {}),
            )  # fmt: skip
            execution.pipeline_execution_status = "Failed"
            execution.pipeline_execution_failure_reason = str(error)
            return
        step |= {"StepStatus": "Succeeded", "EndTime": time.time()}
    execution.pipeline_execution_status = "Succeeded"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _execution(backend: Any, arn: str) -> Any:
    for pipeline in backend.pipelines.values():
        if arn in pipeline.pipeline_executions:
            return pipeline.pipeline_executions[arn]
    raise NotFound(f"execution {arn} does not exist")


def _steps(self: Any) -> str:
    execution = _execution(self.sagemaker_backend, json.loads(self.body)["PipelineExecutionArn"])
    return json.dumps({"PipelineExecutionSteps": execution.steps})


def _executions(self: Any) -> ActionResult:
    """The executions in the order and number that are asked for, which moto leaves as they are."""
    asked = json.loads(self.body)
    listed = self.sagemaker_backend.list_pipeline_executions(asked["PipelineName"])
    summaries = list(listed["PipelineExecutionSummaries"])
    if asked.get("SortOrder", "Descending") == "Descending":
        summaries.reverse()
    return ActionResult({"PipelineExecutionSummaries": summaries[: asked.get("MaxResults", 100)]})
