"""MLflow, the model registry, pipelines, and domains with their people."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Entry, Put, Read, TagCalls
from testkit.fake_providers.aws.table import tagging

_TOKEN = "'pilothouse-double-0123456789abcdef'"  # S105: an idempotency token, of no worth
_READY = "it.Status == 'InService'"
_FAILED = "contains(it.Status || '', 'ailed')"
_PROFILE = "DomainId: before(after(id, '/'), '/'), UserProfileName: after(after(id, '/'), '/')"
_PIPELINE = (
    "PipelineDefinition: dumped(in.pipelineDefinition), RoleArn: in.roleArn, "
    "PipelineDisplayName: in.pipelineDisplayName, PipelineDescription: in.pipelineDescription, "
    "ParallelismConfiguration: "
    "in.parallelismConfiguration && pascal(in.parallelismConfiguration) || `null`"
)
_SERVER = (
    "ArtifactStoreUri: in.artifactStoreUri, TrackingServerSize: in.trackingServerSize, "
    "AutomaticModelRegistration: in.automaticModelRegistration, "
    "WeeklyMaintenanceWindowStart: in.weeklyMaintenanceWindowStart"
)
_APP = (
    "Name: in.name, ArtifactStoreUri: in.artifactStoreUri, "
    "ModelRegistrationMode: in.modelRegistrationMode, "
    "AccountDefaultStatus: in.accountDefaultStatus, DefaultDomainIdList: in.defaultDomainIdLists, "
    "WeeklyMaintenanceWindowStart: in.weeklyMaintenanceWindowStart"
)


def _tags(arn: str) -> TagCalls:
    return TagCalls(
        add=Call(operation="add_tags", request=f"{{ResourceArn: {arn}, Tags: pairs(tags)}}"),
        remove=Call(operation="delete_tags", request=f"{{ResourceArn: {arn}, TagKeys: keys}}"),
    )


def _has(arn: str) -> Read:
    return tagging.listed(arn, "ResourceArn", "Tags", "list_tags")


def _update(operation: str, request: str) -> Put:
    return Put(calls=(Call(operation=operation, request=request),), on_create=False)


TABLE: Mapping[str, Entry] = {
    "aws:sagemaker/mlflowApp:MlflowApp": Entry(
        service="sagemaker",
        create=Call(
            operation="create_mlflow_app",
            request=f"{{{_APP}, RoleArn: in.roleArn, Tags: {tagging.PAIRS}}}",
        ),
        id="made.Arn",
        reads=(
            Read(
                operation="describe_mlflow_app", request="{Arn: id}", pick="{Arn: Arn, Name: Name, "
                "ArtifactStoreUri: ArtifactStoreUri, RoleArn: RoleArn, Status: Status, "
                "ModelRegistrationMode: ModelRegistrationMode, MlflowVersion: MlflowVersion, "
                "AccountDefaultStatus: AccountDefaultStatus, "
                "DefaultDomainIdList: DefaultDomainIdList, "
                "WeeklyMaintenanceWindowStart: WeeklyMaintenanceWindowStart}",
            ),
            _has("id"),
        ),
        seen={
            "tags": "mapped(has)", "name": "it.Name", "artifactStoreUri": "it.ArtifactStoreUri",
            "roleArn": "it.RoleArn", "modelRegistrationMode": "it.ModelRegistrationMode",
            "accountDefaultStatus": "it.AccountDefaultStatus",
            "defaultDomainIdLists": "it.DefaultDomainIdList",
            "weeklyMaintenanceWindowStart": "it.WeeklyMaintenanceWindowStart",
        },
        outputs={"arn": "it.Arn", "mlflowVersion": "it.MlflowVersion", "status": "it.Status"},
        puts=(_update("update_mlflow_app", f"{{Arn: id, {_APP}}}"),),
        names=("name",),
        computed=("modelRegistrationMode", "accountDefaultStatus", "weeklyMaintenanceWindowStart"),
        delete=(Call(operation="delete_mlflow_app", request="{Arn: id}"),),
        tags=_tags("id"),
        ready="it.Status == 'Created' || it.Status == 'Updated'",
        failed=_FAILED,
    ),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": Entry(
        service="sagemaker",
        create=Call(
            operation="create_mlflow_tracking_server",
            request=f"{{TrackingServerName: in.trackingServerName, {_SERVER}, "
            f"RoleArn: in.roleArn, MlflowVersion: in.mlflowVersion, Tags: {tagging.PAIRS}}}",
        ),
        id="in.trackingServerName",
        reads=(
            Read(
                operation="describe_mlflow_tracking_server", request="{TrackingServerName: id}",
                pick="{Arn: TrackingServerArn, Name: TrackingServerName, RoleArn: RoleArn, "
                "ArtifactStoreUri: ArtifactStoreUri, Size: TrackingServerSize, "
                "Version: MlflowVersion, Status: TrackingServerStatus, Url: TrackingServerUrl, "
                "Automatic: AutomaticModelRegistration, Window: WeeklyMaintenanceWindowStart}",
            ),
            _has("it.Arn"),
        ),
        seen={
            "tags": "mapped(has)", "trackingServerName": "it.Name", "roleArn": "it.RoleArn",
            "artifactStoreUri": "it.ArtifactStoreUri", "trackingServerSize": "it.Size",
            "mlflowVersion": "it.Version", "automaticModelRegistration": "it.Automatic",
            "weeklyMaintenanceWindowStart": "it.Window",
        },
        outputs={"arn": "it.Arn", "trackingServerUrl": "it.Url"},
        puts=(
            _update("update_mlflow_tracking_server", f"{{TrackingServerName: id, {_SERVER}}}"),
        ),
        names=("trackingServerName",),
        computed=("mlflowVersion", "trackingServerSize", "weeklyMaintenanceWindowStart"),
        delete=(
            Call(operation="delete_mlflow_tracking_server", request="{TrackingServerName: id}"),
        ),
        tags=_tags("it.Arn"),
        ready="contains(['Created', 'Updated', 'Started'], it.Status)",
        failed=_FAILED,
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": Entry(
        service="sagemaker",
        create=Call(
            operation="create_model_package_group",
            request="{ModelPackageGroupName: in.modelPackageGroupName, "
            "ModelPackageGroupDescription: in.modelPackageGroupDescription, "
            f"Tags: {tagging.PAIRS}}}",
        ),
        id="in.modelPackageGroupName",
        reads=(
            Read(
                operation="describe_model_package_group", request="{ModelPackageGroupName: id}",
                pick="{Arn: ModelPackageGroupArn, About: ModelPackageGroupDescription}",
                missing=("ValidationException",),
            ),
            _has("it.Arn"),
        ),
        seen={
            "tags": "mapped(has)", "modelPackageGroupName": "id",
            "modelPackageGroupDescription": "it.About",
        },
        outputs={"arn": "it.Arn"},
        names=("modelPackageGroupName",),
        delete=(
            Call(operation="delete_model_package_group", request="{ModelPackageGroupName: id}"),
        ),
        tags=_tags("it.Arn"),
    ),
    "aws:sagemaker/pipeline:Pipeline": Entry(
        service="sagemaker",
        create=Call(
            operation="create_pipeline",
            request=f"{{PipelineName: in.pipelineName, {_PIPELINE}, Tags: {tagging.PAIRS}, "
            f"ClientRequestToken: {_TOKEN}}}",
        ),
        id="in.pipelineName",
        reads=(
            Read(
                operation="describe_pipeline", request="{PipelineName: id}",
                pick="{Arn: PipelineArn, Name: PipelineName, Display: PipelineDisplayName, "
                "Definition: PipelineDefinition, About: PipelineDescription, RoleArn: RoleArn, "
                "Parallelism: ParallelismConfiguration}",
            ),
            _has("it.Arn"),
        ),
        seen={
            "tags": "mapped(has)", "pipelineName": "it.Name", "pipelineDisplayName": "it.Display",
            "pipelineDefinition": "it.Definition", "pipelineDescription": "it.About",
            "roleArn": "it.RoleArn", "parallelismConfiguration": "camel(it.Parallelism)",
        },
        outputs={"arn": "it.Arn"},
        puts=(_update("update_pipeline", f"{{PipelineName: id, {_PIPELINE}}}"),),
        names=("pipelineName",),
        delete=(
            Call(
                operation="delete_pipeline",
                request=f"{{PipelineName: id, ClientRequestToken: {_TOKEN}}}",
            ),
        ),
        tags=_tags("it.Arn"),
    ),
    "aws:sagemaker/domain:Domain": Entry(
        service="sagemaker",
        create=Call(
            operation="create_domain",
            request="{DomainName: in.domainName, AuthMode: in.authMode, VpcId: in.vpcId, "
            "SubnetIds: in.subnetIds, AppNetworkAccessType: in.appNetworkAccessType, "
            "KmsKeyId: in.kmsKeyId, DefaultUserSettings: pascal(in.defaultUserSettings), "
            f"TagPropagation: in.tagPropagation, Tags: {tagging.PAIRS}}}",
        ),
        id="after(made.DomainArn, '/')",
        reads=(
            Read(
                operation="describe_domain", request="{DomainId: id}",
                pick="{Arn: DomainArn, Name: DomainName, Status: Status, AuthMode: AuthMode, "
                "VpcId: VpcId, SubnetIds: SubnetIds, Access: AppNetworkAccessType, Key: KmsKeyId, "
                "Settings: DefaultUserSettings, Url: Url, Files: HomeEfsFileSystemId}",
            ),
            _has("it.Arn"),
        ),
        seen={
            "tags": "mapped(has)", "domainName": "it.Name", "authMode": "it.AuthMode",
            "vpcId": "it.VpcId", "subnetIds": "it.SubnetIds", "kmsKeyId": "it.Key",
            "appNetworkAccessType": "it.Access", "defaultUserSettings": "camel(it.Settings)",
        },
        outputs={"arn": "it.Arn", "url": "it.Url", "homeEfsFileSystemId": "it.Files"},
        puts=(
            _update(
                "update_domain",
                "{DomainId: id, DefaultUserSettings: pascal(in.defaultUserSettings), "
                "SubnetIds: in.subnetIds, AppNetworkAccessType: in.appNetworkAccessType}",
            ),
        ),
        names=("domainName",),
        quiet=("retentionPolicy",),
        computed=("appNetworkAccessType",),
        delete=(
            Call(
                operation="delete_domain",
                request="{DomainId: id, RetentionPolicy: "
                "in.retentionPolicy && pascal(in.retentionPolicy) || `null`}",
            ),
        ),
        tags=_tags("it.Arn"),
        ready=_READY,
        failed=_FAILED,
    ),
    "aws:sagemaker/userProfile:UserProfile": Entry(
        service="sagemaker",
        create=Call(
            operation="create_user_profile",
            request="{DomainId: in.domainId, UserProfileName: in.userProfileName, UserSettings: "
            f"in.userSettings && pascal(in.userSettings) || `null`, Tags: {tagging.PAIRS}}}",
        ),
        id="made.UserProfileArn",
        reads=(
            Read(
                operation="describe_user_profile", request=f"{{{_PROFILE}}}",
                pick="{DomainId: DomainId, Name: UserProfileName, Status: Status, "
                "Settings: UserSettings}",
            ),
            _has("id"),
        ),
        seen={
            "tags": "mapped(has)", "domainId": "it.DomainId", "userProfileName": "it.Name",
            "userSettings": "camel(it.Settings)",
        },
        outputs={"arn": "id"},
        puts=(
            _update(
                "update_user_profile",
                f"{{{_PROFILE}, UserSettings: pascal(in.userSettings || `{{}}`)}}",
            ),
        ),
        names=("domainId", "userProfileName"),
        delete=(Call(operation="delete_user_profile", request=f"{{{_PROFILE}}}"),),
        tags=_tags("id"),
        ready=_READY,
        failed=_FAILED,
    ),
}  # fmt: skip
