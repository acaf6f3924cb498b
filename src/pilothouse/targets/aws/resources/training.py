"""SageMaker's running jobs, pipelines, MLflow and registry of models."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from pilothouse.targets.aws.resources.kinds import Found, Kind

if TYPE_CHECKING:
    from pilothouse.targets.aws.clients.account import Account

GONE = ("Deleted",)
GOING = ("Deleting", "Stopping")
RUNNING = ("InProgress", "Stopping")
EXECUTING = ("Executing", "Stopping")


def _jobs(kind: str, account: Account) -> Iterator[Found]:
    """Running jobs that bear the stack's name or have its role: a pipeline names its own."""
    sagemaker, words = account.client("sagemaker"), kind.lower()
    describe = getattr(sagemaker, f"describe_{words}_job")
    for status in RUNNING:
        for each in account.listed(
            "sagemaker", f"list_{words}_jobs", f"{kind}JobSummaries", StatusEquals=status
        ):
            name = each[f"{kind}JobName"]
            if account.bears(name) or _has_own_role(account, describe(**{f"{kind}JobName": name})):
                yield Found(id=name, name=name, detail=status, going=status in GOING)


def _has_own_role(account: Account, described: dict[str, str]) -> bool:
    return account.owns(described.get("RoleArn", "").rpartition("/")[2])


def _stop_job(kind: str, account: Account, found: Found) -> None:
    stop = getattr(account.client("sagemaker"), f"stop_{kind.lower()}_job")
    stop(**{f"{kind}JobName": found.id})


def _pipelines(account: Account) -> Iterator[Found]:
    for each in account.listed("sagemaker", "list_pipelines", "PipelineSummaries"):
        name, arn = each["PipelineName"], each["PipelineArn"]
        if account.owns(name, arn=arn):
            yield Found(id=name, name=name, arn=arn)


def _executions(account: Account) -> Iterator[Found]:
    for pipeline in _pipelines(account):
        for each in account.listed(
            "sagemaker",
            "list_pipeline_executions",
            "PipelineExecutionSummaries",
            PipelineName=pipeline.name,
        ):
            status = each["PipelineExecutionStatus"]
            if status in EXECUTING:
                arn = each["PipelineExecutionArn"]
                yield Found(id=arn, name=arn, detail=status, going=status in GOING, inside=True)


def _stop_execution(account: Account, found: Found) -> None:
    account.client("sagemaker").stop_pipeline_execution(PipelineExecutionArn=found.id)


def _delete_pipeline(account: Account, found: Found) -> None:
    account.client("sagemaker").delete_pipeline(PipelineName=found.id)


def _apps(account: Account) -> Iterator[Found]:
    for each in account.listed("sagemaker", "list_mlflow_apps", "Summaries"):
        if account.owns(each["Name"], arn=each["Arn"]) and each["Status"] not in GONE:
            yield Found(
                id=each["Arn"],
                name=each["Name"],
                arn=each["Arn"],
                detail=each["Status"],
                going=each["Status"] in GOING,
            )


def _delete_app(account: Account, found: Found) -> None:
    account.client("sagemaker").delete_mlflow_app(Arn=found.id)


def _servers(account: Account) -> Iterator[Found]:
    """Tracking servers bill on without a domain, and no console shows them then."""
    for each in account.listed(
        "sagemaker", "list_mlflow_tracking_servers", "TrackingServerSummaries"
    ):
        name, arn = each["TrackingServerName"], each["TrackingServerArn"]
        status = each["TrackingServerStatus"]
        if account.owns(name, arn=arn) and status not in GONE:
            yield Found(id=name, name=name, arn=arn, detail=status, going=status in GOING)


def _delete_server(account: Account, found: Found) -> None:
    account.client("sagemaker").delete_mlflow_tracking_server(TrackingServerName=found.id)


def _groups(account: Account) -> Iterator[Found]:
    for each in account.listed(
        "sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList"
    ):
        name, arn = each["ModelPackageGroupName"], each["ModelPackageGroupArn"]
        status = each["ModelPackageGroupStatus"]
        if account.owns(name, arn=arn):
            yield Found(id=name, name=name, arn=arn, detail=status, going=status in GOING)


def _delete_group(account: Account, found: Found) -> None:
    account.client("sagemaker").delete_model_package_group(ModelPackageGroupName=found.id)


def _packages(account: Account) -> Iterator[Found]:
    for group in _groups(account):
        for each in account.listed(
            "sagemaker",
            "list_model_packages",
            "ModelPackageSummaryList",
            ModelPackageGroupName=group.name,
        ):
            arn = each["ModelPackageArn"]
            yield Found(id=arn, name=arn, arn=arn, inside=True)


def _delete_package(account: Account, found: Found) -> None:
    account.client("sagemaker").delete_model_package(ModelPackageName=found.id)


def _versions(account: Account, found: Found) -> str:
    """Whether a group has a model in it."""
    page = account.client("sagemaker").list_model_packages(
        ModelPackageGroupName=found.name, MaxResults=1
    )
    return "model versions" if page["ModelPackageSummaryList"] else ""


KINDS = (
    Kind(name="pipeline execution", find=_executions, remove=_stop_execution),
    *(
        Kind(
            name=f"{kind.lower()} job",
            find=partial(_jobs, kind),
            remove=partial(_stop_job, kind),
        )
        for kind in ("Training", "Processing")
    ),
    Kind(
        name="pipeline",
        types=("aws:sagemaker/pipeline:Pipeline",),
        find=_pipelines,
        remove=_delete_pipeline,
    ),
    Kind(
        name="MLflow app",
        types=("aws:sagemaker/mlflowApp:MlflowApp",),
        find=_apps,
        remove=_delete_app,
        keeps=("mlflow",),
    ),
    Kind(
        name="MLflow tracking server",
        types=("aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",),
        find=_servers,
        remove=_delete_server,
    ),
    Kind(name="model version", find=_packages, remove=_delete_package, keeps=("*",)),
    Kind(
        name="model package group",
        types=("aws:sagemaker/modelPackageGroup:ModelPackageGroup",),
        find=_groups,
        remove=_delete_group,
        keeps=("model",),
        holds=_versions,
    ),
)
"""In the order in which they can be deleted."""
