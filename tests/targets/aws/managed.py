"""What moto, extended, has no answer to, and a record of what is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.sagemaker.models import sagemaker_backends

Answer = dict[str, Any]
PASS: Answer = {"moto": "knows how"}
Call = Callable[..., Answer]


class Managed:
    """What there is, by service, and what was `called`: services and operations."""

    def __init__(self, region: str, account: str) -> None:
        self._region, self._account = region, account
        self.quotas: dict[str, list[Answer]] = {}
        self.denied: set[str] = set()
        self.asked: list[str] = []
        self.called: list[tuple[str, str]] = []

    def answering(self, original: Call) -> Call:
        """`_make_api_call` of every client, with these services in it."""

        def call(client: Any, operation: str, arguments: Mapping[str, Any]) -> Answer:
            service = client.meta.service_model.service_name
            self.called.append((service, operation))
            answer = getattr(self, f"{service.replace('-', '_')}_{operation}", None)
            found = answer(**arguments) if answer else PASS
            return original(client, operation, arguments) if found is PASS else dict(found or {})

        return call

    # What moto makes and does not take away

    @property
    def _backend(self) -> Any:
        return sagemaker_backends[self._account][self._region]

    def sagemaker_DeleteModelPackage(self, ModelPackageName: str) -> None:  # noqa: N802, N803
        packages = self._backend.model_packages
        del packages[next(key for key, item in packages.items() if item.arn == ModelPackageName)]

    def sagemaker_StopTrainingJob(self, TrainingJobName: str) -> None:  # noqa: N802, N803
        self._backend.training_jobs[TrainingJobName].training_job_status = "Stopped"

    def sagemaker_StopPipelineExecution(  # noqa: N802
        self,
        PipelineExecutionArn: str,  # noqa: N803
        **_: Any,
    ) -> None:
        for pipeline in self._backend.pipelines.values():
            if execution := pipeline.pipeline_executions.get(PipelineExecutionArn):
                execution.pipeline_execution_status = "Stopped"

    # What IAM and the quotas say

    def service_quotas_ListServiceQuotas(self, ServiceCode: str, **_: Any) -> Answer:  # noqa: N802, N803
        return {"Quotas": self.quotas.get(ServiceCode, [])}

    def iam_SimulatePrincipalPolicy(self, ActionNames: list[str], **_: Any) -> Answer:  # noqa: N802, N803
        self.asked += ActionNames
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalDecision": "implicitDeny" if action in self.denied else "allowed",
                }
                for action in ActionNames
            ]
        }
