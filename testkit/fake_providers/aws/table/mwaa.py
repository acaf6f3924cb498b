"""Managed Airflow."""

from __future__ import annotations

from collections.abc import Mapping

from testkit.fake_providers.aws.entry import Call, Entry, Put, Read
from testkit.fake_providers.aws.language import pascal
from testkit.fake_providers.aws.table import tagging

_UPDATED = (
    "airflowConfigurationOptions", "airflowVersion", "dagS3Path", "environmentClass",
    "executionRoleArn", "maxWebservers", "maxWorkers", "minWebservers", "minWorkers",
    "pluginsS3ObjectVersion", "pluginsS3Path", "requirementsS3ObjectVersion",
    "requirementsS3Path", "schedulers", "sourceBucketArn", "startupScriptS3ObjectVersion",
    "startupScriptS3Path", "webserverAccessMode", "weeklyMaintenanceWindowStart",
)  # fmt: skip
_PATHS = frozenset({"pluginsS3Path", "requirementsS3Path", "startupScriptS3Path"})
"""What an update takes away by an empty path."""

_COMMON = ", ".join(
    f"{pascal(name)}: in.{name}" + (f" || old.{name} && ''" if name in _PATHS else "")
    for name in _UPDATED
)
_LOGS = "LoggingConfiguration: in.loggingConfiguration && pascal(in.loggingConfiguration) || `null`"
_GIVEN = _PATHS | {"dagS3Path", "executionRoleArn", "sourceBucketArn"}
"""What the environment has no value for where none is given."""

TABLE: Mapping[str, Entry] = {
    "aws:mwaa/environment:Environment": Entry(
        service="mwaa",
        create=Call(
            operation="create_environment",
            request=f"{{Name: in.name, {_COMMON}, {_LOGS}, KmsKey: in.kmsKey, "
            "EndpointManagement: in.endpointManagement, "
            "NetworkConfiguration: pascal(in.networkConfiguration), Tags: in.tags}",
        ),
        id="in.name",
        reads=(Read(operation="get_environment", request="{Name: id}", pick="Environment"),),
        seen={name: f"it.{pascal(name)}" for name in _UPDATED} | {
            "name": "it.Name", "kmsKey": "it.KmsKey", "tags": "mapped(it.Tags)",
            "endpointManagement": "it.EndpointManagement",
            "networkConfiguration": "camel(it.NetworkConfiguration)",
            "loggingConfiguration": "camel(it.LoggingConfiguration)",
        },
        outputs={
            "arn": "it.Arn", "webserverUrl": "it.WebserverUrl", "status": "it.Status",
            "serviceRoleArn": "it.ServiceRoleArn",
        },
        puts=(
            Put(
                calls=(
                    Call(
                        operation="update_environment",
                        request=f"{{Name: id, {_COMMON}, {_LOGS}, NetworkConfiguration: "
                        "{SecurityGroupIds: in.networkConfiguration.securityGroupIds}}",
                    ),
                ),
                on_create=False,
            ),
        ),
        replaces=("networkConfiguration.subnetIds",),
        names=("name",),
        computed=(*sorted(set(_UPDATED) - _GIVEN), "endpointManagement"),
        delete=(Call(operation="delete_environment", request="{Name: id}"),),
        tags=tagging.by_arn("it.Arn", ("ResourceArn", "Tags", "tagKeys"), as_map=True),
        ready="it.Status == 'AVAILABLE'",
        failed="it.Status == 'CREATE_FAILED' || it.Status == 'UPDATE_FAILED'",
    ),
}  # fmt: skip
