"""SageMaker's jobs, pipelines, MLflow and registry of models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.resources import billing
from pilothouse.targets.aws.resources.calls import DELETING, Listing, by, delete_by
from pilothouse.targets.aws.resources.declaration import (
    AwsResource,
    ListCall,
    Permission,
    Stop,
    regional_arn,
)
from pilothouse.targets.aws.resources.permissions import pass_role
from pilothouse.targets.shared.resource_table import ANY_ROLE, FoundResource

RUNNING_JOB = ("InProgress", "Stopping")
RUNNING_EXECUTION = ("Executing", "Stopping")
STOPPED_SERVER = "Stopped"
PIPELINE = "aws:sagemaker/pipeline:Pipeline"
MODEL_PACKAGE_GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"


def _listing(operation: str, key: str, prefix: str = "", id_key: str = "") -> Listing:
    """A list call, by the prefix of the keys of an item."""
    return Listing(
        service="sagemaker",
        operation=operation,
        key=key,
        name=f"{prefix}Name",
        arn=f"{prefix}Arn",
        id=id_key,
        status=f"{prefix}Status",
    )


_PIPELINES = _listing("list_pipelines", "PipelineSummaries", "Pipeline")
_MLFLOW_APPS = _listing("list_mlflow_apps", "Summaries", id_key="Arn")
_TRACKING_SERVERS = _listing(
    "list_mlflow_tracking_servers", "TrackingServerSummaries", "TrackingServer"
)
_MODEL_PACKAGE_GROUPS = _listing(
    "list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroup"
)


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


def _find_executions(account: Account) -> Iterator[FoundResource]:
    for pipeline in _PIPELINES.find(account):
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
    for group in _MODEL_PACKAGE_GROUPS.find(account):
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


def _availability(listing: Listing) -> ListCall:
    return ListCall(service="sagemaker", operation=listing.operation, arguments={"MaxResults": 1})


def _job(kind: str) -> AwsResource:
    words = kind.lower()
    return AwsResource(
        name=f"{words} job",
        find=partial(_find_jobs, kind),
        delete=delete_by("sagemaker", f"stop_{words}_job", f"{kind}JobName"),
        created_by="aws:iam/role:Role",
        permissions=[Permission(actions=f"sagemaker:Stop{kind}Job", on=[_arn(f"{words}-job/*")])],
        list_actions=f"sagemaker:List{kind}Jobs sagemaker:Describe{kind}Job",
    )


RESOURCES = (
    AwsResource(
        name="pipeline execution",
        find=_find_executions,
        delete=delete_by("sagemaker", "stop_pipeline_execution", "PipelineExecutionArn"),
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
        billing=billing.free("pipelines are free; their jobs are not"),
        find=_PIPELINES.find,
        delete=delete_by("sagemaker", "delete_pipeline", "PipelineName"),
        permissions=[
            *permissions("pipeline/{pipelineName}", "Pipeline"),
            pass_role("sagemaker"),
        ],
        list_actions="sagemaker:ListPipelines",
        availability=_availability(_PIPELINES),
    ),
    # It is retained with the data: it has the runs, and costs nothing at rest.
    AwsResource(
        name="MLflow app",
        type="aws:sagemaker/mlflowApp:MlflowApp",
        billing=billing.MLFLOW_APP,
        find=_MLFLOW_APPS.find,
        delete=delete_by("sagemaker", "delete_mlflow_app", "Arn"),
        retained_roles=("mlflow",),
        permissions=[
            *permissions("mlflow-app/*", "MlflowApp"),  # its ARN ends with an id of AWS's own
            pass_role("sagemaker"),
        ],
        list_actions="sagemaker:ListMlflowApps",
        availability=_availability(_MLFLOW_APPS),
    ),
    # It is not retained, nor are its runs: it is billed by the hour, in use or not.
    AwsResource(
        name="MLflow tracking server",
        type="aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",
        billing=billing.tracking_server,
        find=_TRACKING_SERVERS.find,
        delete=delete_by("sagemaker", "delete_mlflow_tracking_server", "TrackingServerName"),
        stop=Stop(
            service="sagemaker",
            operation="stop_mlflow_tracking_server",
            action="sagemaker:StopMlflowTrackingServer",
            on=_arn("mlflow-tracking-server/{id}"),
            arguments=by("TrackingServerName"),
            applies=lambda _account, server: server.detail != STOPPED_SERVER,
        ),
        permissions=[
            *permissions(
                "mlflow-tracking-server/{trackingServerName}",
                "MlflowTrackingServer",
                ["Create", "Describe", "Update", "Delete", "Start", "Stop"],
            ),
            pass_role("sagemaker"),
        ],
        list_actions="sagemaker:ListMlflowTrackingServers",
        availability=_availability(_TRACKING_SERVERS),
    ),
    AwsResource(
        name="model version",
        find=_find_model_packages,
        delete=delete_by("sagemaker", "delete_model_package", "ModelPackageName"),
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
        billing=billing.free(),
        find=_MODEL_PACKAGE_GROUPS.find,
        delete=delete_by("sagemaker", "delete_model_package_group", "ModelPackageGroupName"),
        retained_roles=("model",),
        data_in=_models_in,
        permissions=permissions(
            "model-package-group/{modelPackageGroupName}",
            "ModelPackageGroup",
            ["Create", "Describe", "Delete"],
        ),
        list_actions="sagemaker:ListModelPackageGroups",
        availability=_availability(_MODEL_PACKAGE_GROUPS),
    ),
)
"""In the order in which they can be deleted."""
