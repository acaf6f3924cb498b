"""SageMaker's jobs, pipelines, MLflow and registry of models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    regional_arn,
)
from pilothouse.targets.aws.resources.permissions import pass_role
from pilothouse.targets.shared.resource_table import ANY_ROLE, FoundResource

DELETED = ("Deleted",)
DELETING = ("Deleting", "Stopping")
RUNNING_JOB = ("InProgress", "Stopping")
RUNNING_EXECUTION = ("Executing", "Stopping")
PIPELINE = "aws:sagemaker/pipeline:Pipeline"
MODEL_PACKAGE_GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"


@dataclass(frozen=True, kw_only=True)
class _Listing:
    """How SageMaker lists a named type: the operation, and the keys of what it returns.

    prefix: of the keys of an item's name, ARN and status. id: the key that Pulumi's id is under.
    """

    operation: str
    key: str
    prefix: str = ""
    id: str = "Name"

    @property
    def action(self) -> str:
        """The action that it needs."""
        return "sagemaker:" + "".join(word.capitalize() for word in self.operation.split("_"))


def _find(listing: _Listing, account: Account) -> Iterator[FoundResource]:
    prefix = listing.prefix
    for item in account.list_items("sagemaker", listing.operation, listing.key):
        name, arn = item[f"{prefix}Name"], item[f"{prefix}Arn"]
        status = item.get(f"{prefix}Status", "")
        if account.belongs_to_stack(name, arn=arn) and status not in DELETED:
            yield FoundResource(
                id=item[f"{prefix}{listing.id}"],
                name=name,
                full_name=arn,
                detail=status,
                is_deleting=status in DELETING,
            )


def _delete_by(operation: str, argument: str) -> Callable[[Account, FoundResource], None]:
    """A call that takes the id."""

    def delete(account: Account, found: FoundResource) -> None:
        getattr(account.client("sagemaker"), operation)(**{argument: found.id})

    return delete


def _find_jobs(kind: str, account: Account) -> Iterator[FoundResource]:
    """Running jobs with the stack's name or role: a pipeline names its own."""
    sagemaker, words = account.client("sagemaker"), kind.lower()
    describe = getattr(sagemaker, f"describe_{words}_job")
    for status in RUNNING_JOB:
        for job in account.list_items(
            "sagemaker", f"list_{words}_jobs", f"{kind}JobSummaries", StatusEquals=status
        ):
            name = job[f"{kind}JobName"]
            if account.is_derived_name(name) or _has_stack_role(
                account, describe(**{f"{kind}JobName": name})
            ):
                is_stopping = status in DELETING
                yield FoundResource(id=name, name=name, detail=status, is_deleting=is_stopping)


def _has_stack_role(account: Account, job: dict[str, str]) -> bool:
    return account.belongs_to_stack(job.get("RoleArn", "").rpartition("/")[2])


_PIPELINES = _Listing(operation="list_pipelines", key="PipelineSummaries", prefix="Pipeline")
_MLFLOW_APPS = _Listing(operation="list_mlflow_apps", key="Summaries", id="Arn")
_TRACKING_SERVERS = _Listing(
    operation="list_mlflow_tracking_servers",
    key="TrackingServerSummaries",
    prefix="TrackingServer",
)
_MODEL_PACKAGE_GROUPS = _Listing(
    operation="list_model_package_groups",
    key="ModelPackageGroupSummaryList",
    prefix="ModelPackageGroup",
)


def _find_executions(account: Account) -> Iterator[FoundResource]:
    for pipeline in _find(_PIPELINES, account):
        for execution in account.list_items(
            "sagemaker",
            "list_pipeline_executions",
            "PipelineExecutionSummaries",
            PipelineName=pipeline.name,
        ):
            status = execution["PipelineExecutionStatus"]
            if status in RUNNING_EXECUTION:
                arn = execution["PipelineExecutionArn"]
                yield FoundResource(
                    id=arn,
                    name=arn,
                    detail=status,
                    is_deleting=status in DELETING,
                    is_inside=True,
                )


def _find_model_packages(account: Account) -> Iterator[FoundResource]:
    for group in _find(_MODEL_PACKAGE_GROUPS, account):
        for package in account.list_items(
            "sagemaker",
            "list_model_packages",
            "ModelPackageSummaryList",
            ModelPackageGroupName=group.name,
        ):
            arn = package["ModelPackageArn"]
            yield FoundResource(id=arn, name=arn, full_name=arn, is_inside=True)


def _models_in(account: Account, group: FoundResource) -> str:
    """Whether a group has any version of a model."""
    page = account.client("sagemaker").list_model_packages(
        ModelPackageGroupName=group.name, MaxResults=1
    )
    return "model versions" if page["ModelPackageSummaryList"] else ""


def _arn(resource: str) -> str:
    return regional_arn("sagemaker", resource)


def permissions(
    resource: str, type_name: str, verbs: Sequence[str] = ("Create", "Describe", "Update", "Delete")
) -> list[Permission]:
    """Everything that is done with a type, which the pattern of its ARN ends with `resource`."""
    calls = " ".join(f"sagemaker:{verb}{type_name}" for verb in verbs)
    tags = "sagemaker:AddTags sagemaker:DeleteTags sagemaker:ListTags"
    return [
        Permission(actions=f"{calls} {tags}", on=[_arn(resource)]),
        Permission(actions=f"sagemaker:List{type_name}s"),
    ]


def _availability(listing: _Listing) -> ListCall:
    return ListCall(service="sagemaker", operation=listing.operation, arguments={"MaxResults": 1})


def _job(kind: str) -> AwsResource:
    words = kind.lower()
    return AwsResource(
        name=f"{words} job",
        find=partial(_find_jobs, kind),
        delete=_delete_by(f"stop_{words}_job", f"{kind}JobName"),
        created_by="aws:iam/role:Role",
        permissions=[Permission(actions=f"sagemaker:Stop{kind}Job", on=[_arn(f"{words}-job/*")])],
        list_actions=f"sagemaker:List{kind}Jobs sagemaker:Describe{kind}Job",
    )


RESOURCES = (
    AwsResource(
        name="pipeline execution",
        find=_find_executions,
        delete=_delete_by("stop_pipeline_execution", "PipelineExecutionArn"),
        created_by=PIPELINE,
        permissions=[
            Permission(
                actions="sagemaker:StopPipelineExecution",
                on=[_arn("pipeline/{pipelineName}/execution/*")],
            )
        ],
        list_actions="sagemaker:ListPipelineExecutions",
    ),
    _job("Training"),
    _job("Processing"),
    AwsResource(
        name="pipeline",
        type=PIPELINE,
        find=partial(_find, _PIPELINES),
        delete=_delete_by("delete_pipeline", "PipelineName"),
        permissions=[
            *permissions("pipeline/{pipelineName}", "Pipeline"),
            pass_role("sagemaker"),
        ],
        list_actions=_PIPELINES.action,
        availability=_availability(_PIPELINES),
    ),
    # It is retained with the data: it has the runs, and costs nothing at rest.
    AwsResource(
        name="MLflow app",
        type="aws:sagemaker/mlflowApp:MlflowApp",
        find=partial(_find, _MLFLOW_APPS),
        delete=_delete_by("delete_mlflow_app", "Arn"),
        retained_roles=("mlflow",),
        permissions=[
            *permissions("mlflow-app/*", "MlflowApp"),  # its ARN ends with an id of AWS's own
            pass_role("sagemaker"),
        ],
        list_actions=_MLFLOW_APPS.action,
        availability=_availability(_MLFLOW_APPS),
    ),
    # It is not retained, nor are its runs: it is billed by the hour, in use or not.
    AwsResource(
        name="MLflow tracking server",
        type="aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",
        find=partial(_find, _TRACKING_SERVERS),
        delete=_delete_by("delete_mlflow_tracking_server", "TrackingServerName"),
        permissions=[
            *permissions("mlflow-tracking-server/{trackingServerName}", "MlflowTrackingServer"),
            pass_role("sagemaker"),
        ],
        list_actions=_TRACKING_SERVERS.action,
        availability=_availability(_TRACKING_SERVERS),
    ),
    AwsResource(
        name="model version",
        find=_find_model_packages,
        delete=_delete_by("delete_model_package", "ModelPackageName"),
        retained_roles=(ANY_ROLE,),
        created_by=MODEL_PACKAGE_GROUP,
        permissions=[
            Permission(
                actions="sagemaker:DeleteModelPackage",
                on=[_arn("model-package/{modelPackageGroupName}/*")],
            )
        ],
        list_actions="sagemaker:ListModelPackages",
    ),
    AwsResource(
        name="model package group",
        type=MODEL_PACKAGE_GROUP,
        find=partial(_find, _MODEL_PACKAGE_GROUPS),
        delete=_delete_by("delete_model_package_group", "ModelPackageGroupName"),
        retained_roles=("model",),
        data_in=_models_in,
        permissions=permissions(
            "model-package-group/{modelPackageGroupName}",
            "ModelPackageGroup",
            ["Create", "Describe", "Delete"],
        ),
        list_actions=_MODEL_PACKAGE_GROUPS.action,
        availability=_availability(_MODEL_PACKAGE_GROUPS),
    ),
)
"""In the order in which they can be deleted."""
