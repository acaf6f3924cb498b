"""The managed services that moto lacks, as far as an inventory and a sweep speak to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from botocore.exceptions import ClientError
from moto.sagemaker.models import sagemaker_backends

Answer = dict[str, Any]
PASS: Answer = {"moto": "knows how"}
Call = Callable[..., Answer]


def error(code: str, message: str = "") -> ClientError:
    """An error as a service answers it."""
    return ClientError({"Error": {"Code": code, "Message": message or code}}, "Call")


class Managed:
    """What there is, by service, and what was `called`: services and operations."""

    def __init__(self, region: str, account: str) -> None:
        self._region, self._account = region, account
        self._arn = f"arn:aws:sagemaker:{region}:{account}"
        self._mwaa = f"arn:aws:airflow:{region}:{account}:environment"
        self.environments: dict[str, Answer] = {}
        self.apps: dict[str, Answer] = {}
        self.servers: dict[str, Answer] = {}
        self.studio: dict[tuple[str, ...], Answer] = {}
        self.quotas: dict[str, list[Answer]] = {}
        self.denied: set[str] = set()
        self.looks_until_gone = 2
        self.called: list[tuple[str, str]] = []
        self._numbers = count(1)

    def answering(self, original: Call) -> Call:
        """`_make_api_call` of every client, with these services in it."""

        def call(client: Any, operation: str, arguments: Mapping[str, Any]) -> Answer:
            service = client.meta.service_model.service_name
            self.called.append((service, operation))
            answer = getattr(self, f"{service.replace('-', '_')}_{operation}", None)
            found = answer(**arguments) if answer else PASS
            return original(client, operation, arguments) if found is PASS else dict(found or {})

        return call

    # MWAA

    def mwaa_CreateEnvironment(self, Name: str, **more: Any) -> Answer:  # noqa: N802, N803
        arn = f"{self._mwaa}/{Name}"
        self.environments[Name] = {"Name": Name, "Arn": arn, "Status": "AVAILABLE", **more}
        return {"Arn": arn}

    def mwaa_ListEnvironments(self, **_: Any) -> Answer:  # noqa: N802
        return {"Environments": list(self.environments)}

    def mwaa_GetEnvironment(self, Name: str) -> Answer:  # noqa: N802, N803
        found = self.environments.get(Name)
        if found is None:
            raise error("ResourceNotFoundException")
        if found["Status"] == "DELETING":
            found["Left"] -= 1
            if found["Left"] < 0:
                del self.environments[Name]
        return {"Environment": dict(found)}

    def mwaa_DeleteEnvironment(self, Name: str) -> None:  # noqa: N802, N803
        if self.environments[Name]["Status"] != "AVAILABLE":
            raise error("ValidationException", "the environment is not available")
        self.environments[Name] |= {"Status": "DELETING", "Left": self.looks_until_gone}

    # MLflow

    def sagemaker_CreateMlflowApp(self, Name: str, **_: Any) -> Answer:  # noqa: N802, N803
        arn = f"{self._arn}:mlflow-app/app-{next(self._numbers)}"
        self.apps[arn] = {"Arn": arn, "Name": Name, "Status": "Created"}
        return {"Arn": arn}

    def sagemaker_ListMlflowApps(self, **_: Any) -> Answer:  # noqa: N802
        return {"Summaries": list(self.apps.values())}

    def sagemaker_DescribeMlflowApp(self, Arn: str) -> Answer:  # noqa: N802, N803
        return self.apps[Arn]

    def sagemaker_DeleteMlflowApp(self, Arn: str) -> None:  # noqa: N802, N803
        self.apps[Arn]["Status"] = "Deleted"  # and stays listed as that

    def sagemaker_CreateMlflowTrackingServer(  # noqa: N802
        self,
        TrackingServerName: str,  # noqa: N803
        **_: Any,
    ) -> Answer:
        arn = f"{self._arn}:mlflow-tracking-server/{TrackingServerName}"
        self.servers[TrackingServerName] = {
            "TrackingServerArn": arn,
            "TrackingServerName": TrackingServerName,
            "TrackingServerStatus": "Created",
        }
        return {"TrackingServerArn": arn}

    def sagemaker_ListMlflowTrackingServers(self, **_: Any) -> Answer:  # noqa: N802
        return {"TrackingServerSummaries": list(self.servers.values())}

    def sagemaker_DescribeMlflowTrackingServer(  # noqa: N802
        self,
        TrackingServerName: str,  # noqa: N803
    ) -> Answer:
        return self.servers[TrackingServerName]

    def sagemaker_DeleteMlflowTrackingServer(  # noqa: N802
        self,
        TrackingServerName: str,  # noqa: N803
    ) -> None:
        del self.servers[TrackingServerName]

    # Domains, which go when nothing is in them

    def sagemaker_CreateUserProfile(  # noqa: N802
        self,
        DomainId: str,  # noqa: N803
        UserProfileName: str,  # noqa: N803
    ) -> Answer:
        return self._put("profile", DomainId, UserProfileName, UserProfileName=UserProfileName)

    def sagemaker_CreateSpace(self, DomainId: str, SpaceName: str) -> Answer:  # noqa: N802, N803
        return self._put("space", DomainId, SpaceName, SpaceName=SpaceName)

    def sagemaker_CreateApp(  # noqa: N802
        self,
        DomainId: str,  # noqa: N803
        SpaceName: str,  # noqa: N803
        AppType: str,  # noqa: N803
        AppName: str,  # noqa: N803
    ) -> Answer:
        about = {"SpaceName": SpaceName, "AppType": AppType, "AppName": AppName}
        return self._put("app", DomainId, SpaceName, AppName, **about)

    def _put(self, kind: str, domain: str, *names: str, **about: Any) -> Answer:
        self.studio[kind, domain, *names] = {"DomainId": domain, "Status": "InService", **about}
        return {}

    def _of(self, kind: str, domain: str) -> list[Answer]:
        return [each for key, each in self.studio.items() if key[:2] == (kind, domain)]

    def sagemaker_ListUserProfiles(self, DomainIdEquals: str, **_: Any) -> Answer:  # noqa: N802, N803
        return {"UserProfiles": self._of("profile", DomainIdEquals)}

    def sagemaker_ListSpaces(self, DomainIdEquals: str, **_: Any) -> Answer:  # noqa: N802, N803
        return {"Spaces": self._of("space", DomainIdEquals)}

    def sagemaker_ListApps(self, DomainIdEquals: str, **_: Any) -> Answer:  # noqa: N802, N803
        return {"Apps": self._of("app", DomainIdEquals)}

    def sagemaker_DeleteApp(  # noqa: N802
        self,
        DomainId: str,  # noqa: N803
        SpaceName: str,  # noqa: N803
        AppType: str,  # noqa: ARG002, N803
        AppName: str,  # noqa: N803
    ) -> None:
        self.studio["app", DomainId, SpaceName, AppName]["Status"] = "Deleted"

    def sagemaker_DeleteSpace(self, DomainId: str, SpaceName: str) -> None:  # noqa: N802, N803
        apps = [each for each in self._of("app", DomainId) if each["SpaceName"] == SpaceName]
        if any(each["Status"] != "Deleted" for each in apps):
            raise error("ResourceInUse", "apps are in the space")
        del self.studio["space", DomainId, SpaceName]

    def sagemaker_DeleteUserProfile(  # noqa: N802
        self,
        DomainId: str,  # noqa: N803
        UserProfileName: str,  # noqa: N803
    ) -> None:
        del self.studio["profile", DomainId, UserProfileName]

    def sagemaker_DeleteDomain(self, DomainId: str, **_: Any) -> Answer:  # noqa: N802, N803
        inside = [each for key, each in self.studio.items() if key[1] == DomainId]
        if any(each["Status"] != "Deleted" for each in inside):
            raise error("ResourceInUse", "the domain is not empty")
        return PASS

    # What moto makes and does not take away

    @property
    def _backend(self) -> Any:
        return sagemaker_backends[self._account][self._region]

    def sagemaker_DeleteModelPackage(self, ModelPackageName: str) -> None:  # noqa: N802, N803
        packages = self._backend.model_packages
        del packages[next(key for key, each in packages.items() if each.arn == ModelPackageName)]

    def sagemaker_DeleteModelPackageGroup(  # noqa: N802
        self,
        ModelPackageGroupName: str,  # noqa: N803
    ) -> None:
        packages = self._backend.model_packages.values()
        if any(each.model_package_group_name == ModelPackageGroupName for each in packages):
            raise error("ConflictException", "the group is not empty")
        del self._backend.model_package_groups[ModelPackageGroupName]

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
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": each,
                    "EvalDecision": "implicitDeny" if each in self.denied else "allowed",
                }
                for each in ActionNames
            ]
        }
