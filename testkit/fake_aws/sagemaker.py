"""SageMaker's MLflow apps and tracking servers, user profiles, spaces, apps, and their tags."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import boto3
from moto.sagemaker.exceptions import ConflictException, ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from testkit.fake_aws.records import InUse, Kind, NotFound, Record, Records, unguessable

_Backend: Any = SageMakerModelBackend  # it is changed here
_Response: Any = SageMakerResponse  # it is changed here
Method = Callable[[Any], Any]

KINDS = (
    Kind(
        name="MlflowApp", keys=("Arn",), arn="Arn", status="Status", by_arn=True,
        made="Created", changed="Updated", listed="Summaries",
        path=lambda _given: f"mlflow-app/app-{unguessable()}",
    ),
    Kind(
        name="MlflowTrackingServer", keys=("TrackingServerName",), arn="TrackingServerArn",
        status="TrackingServerStatus", made="Created", changed="Updated",
        listed="TrackingServerSummaries",
        path=lambda given: f"mlflow-tracking-server/{given['TrackingServerName']}",
    ),
    Kind(
        name="UserProfile", keys=("DomainId", "UserProfileName"), arn="UserProfileArn",
        status="Status", made="InService", changed="InService", listed="UserProfiles",
        path=lambda given: f"user-profile/{given['DomainId']}/{given['UserProfileName']}",
    ),
    Kind(
        name="Space", keys=("DomainId", "SpaceName"), arn="SpaceArn",
        status="Status", made="InService", changed="InService", listed="Spaces",
        path=lambda given: f"space/{given['DomainId']}/{given['SpaceName']}",
    ),
    Kind(
        name="App", keys=("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"),
        arn="AppArn", status="Status", made="InService", changed="InService", listed="Apps",
        path=lambda given: "app/{DomainId}/{owner}/{AppType}/{AppName}".format(
            **given, owner=given.get("UserProfileName") or given.get("SpaceName")
        ),
    ),
)  # fmt: skip
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "MlflowApp": {
        "MlflowVersion": "3.4", "ModelRegistrationMode": "AutoModelRegistrationDisabled",
        "AccountDefaultStatus": "DISABLED",
    },
    "MlflowTrackingServer": {
        "MlflowVersion": "3.0", "TrackingServerSize": "Small", "AutomaticModelRegistration": False,
        "IsActive": "Active",
    },
}  # fmt: skip
_FILTERS = {
    "DomainIdEquals": "DomainId", "UserProfileNameEquals": "UserProfileName",
    "SpaceNameEquals": "SpaceName",
}  # fmt: skip


def extend() -> None:
    """Give moto's SageMaker the operations."""
    for kind in KINDS:
        for name, method in _operations(kind).items():
            setattr(SageMakerResponse, name, method)
    _Response.stop_mlflow_tracking_server = _turning("Stopping", "Stopped")
    _Response.start_mlflow_tracking_server = _turning("Starting", "Started")
    _Response.delete_model_package_group = _delete_group
    _describe_group_or_none()
    _extend_tags()


def records(backend: Any, name: str) -> Records:
    """What a region's SageMaker holds of a kind."""
    held: dict[str, Records] = backend.__dict__.setdefault("records", {})
    if name not in held:
        kind = next(kind for kind in KINDS if kind.name == name)
        held[name] = Records(kind, f"arn:aws:sagemaker:{backend.region_name}:{backend.account_id}")
    return held[name]


def _operations(kind: Kind) -> dict[str, Method]:
    def create(self: Any) -> str:
        given = {**DEFAULTS.get(kind.name, {}), **_given(self)}
        _needed(self.sagemaker_backend, kind, given)
        return _arn(kind, records(self.sagemaker_backend, kind.name).create(given))

    def describe(self: Any) -> str:
        return json.dumps(records(self.sagemaker_backend, kind.name).looked_at(_given(self)))

    def update(self: Any) -> str:
        return _arn(kind, records(self.sagemaker_backend, kind.name).update(_given(self)))

    def delete(self: Any) -> str:
        _unused(self.sagemaker_backend, kind, _given(self))
        return _arn(kind, records(self.sagemaker_backend, kind.name).delete(_given(self)))

    def listed(self: Any) -> str:
        wanted = {_FILTERS[n]: v for n, v in _given(self).items() if n in _FILTERS}
        held = records(self.sagemaker_backend, kind.name)
        shown = [_shown(kind, fields) for fields in held.matching(wanted)]
        held.listed_once()
        return json.dumps({kind.listed: shown})

    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.name).lower()
    return {
        f"create_{name}": create, f"describe_{name}": describe, f"update_{name}": update,
        f"delete_{name}": delete, f"list_{name}s": listed,
    }  # fmt: skip


def _turning(at_first: str, then: str) -> Method:
    """Turns a tracking server on or off; a server that is already, or is changed, is refused."""

    def turn(self: Any) -> str:
        found = records(self.sagemaker_backend, "MlflowTrackingServer")
        record = found.get(_given(self))
        status = record.fields[found.kind.status]
        if record.then or (status == "Stopped") == (then == "Stopped"):
            raise ConflictException(f"the tracking server is {status}")
        record.fields[found.kind.status], record.then = at_first, then
        return _arn(found.kind, record)

    return turn


def _given(response: Any) -> dict[str, Any]:
    return dict(json.loads(response.body))


def _arn(kind: Kind, record: Record) -> str:
    return json.dumps({kind.arn: record.fields[kind.arn]})


@cache
def _summary(listed: str, operation: str) -> frozenset[str]:
    model = boto3.client("sagemaker", "us-east-1").meta.service_model
    output: Any = model.operation_model(operation).output_shape
    return frozenset(output.members[listed].member.members)


def _shown(kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
    shown = _summary(kind.listed, f"List{kind.name}s")
    return {name: value for name, value in fields.items() if name in shown}


def _needed(backend: Any, kind: Kind, given: Mapping[str, Any]) -> None:
    if kind.name in {"UserProfile", "Space", "App"} and given["DomainId"] not in backend.domains:
        raise NotFound(f"Domain {given['DomainId']} does not exist")


def _unused(backend: Any, kind: Kind, given: Mapping[str, Any]) -> None:
    if kind.name in {"UserProfile", "Space"}:
        wanted = {name: given[name] for name in kind.keys}
        if records(backend, "App").matching(wanted):
            raise InUse(f"{kind.name} {wanted} has apps")


def _delete_group(self: Any) -> str:
    backend, name = self.sagemaker_backend, _given(self)["ModelPackageGroupName"]
    if name not in backend.model_package_groups:
        raise ValidationError(f"ModelPackageGroup {name} does not exist.")
    packages = backend.model_packages.values()
    if any(package.model_package_group_name == name for package in packages):
        raise ConflictException(f"ModelPackageGroup {name} has model packages")
    del backend.model_package_groups[name]
    return "{}"


def _describe_group_or_none() -> None:
    """moto has a KeyError for a group that is not there."""
    theirs = SageMakerModelBackend.describe_model_package_group

    def described(self: Any, model_package_group_name: str) -> Any:
        if model_package_group_name not in self.model_package_groups:
            raise ValidationError(f"ModelPackageGroup {model_package_group_name} does not exist.")
        return theirs(self, model_package_group_name)

    _Backend.describe_model_package_group = described


def _record_of(backend: Any, arn: str) -> Record | None:
    held: Mapping[str, Records] = backend.__dict__.get("records", {})
    everything = [record for of_kind in held.values() for record in of_kind.found.values()]
    return next((record for record in everything if arn in record.fields.values()), None)


def _extend_tags() -> None:
    theirs = SageMakerResponse.list_tags, SageMakerResponse.add_tags, SageMakerResponse.delete_tags

    def changing(index: int, change: Callable[[dict[str, str], Any], None]) -> Method:
        def method(self: Any) -> Any:
            given = _given(self)
            record = _record_of(self.sagemaker_backend, given["ResourceArn"])
            if record is None:
                return _theirs_answer(theirs[index], self, given["ResourceArn"])
            change(record.tags, given)
            tags = [{"Key": key, "Value": value} for key, value in record.tags.items()]
            return json.dumps({"Tags": tags})

        return method

    _Response.list_tags = changing(0, lambda *_: None)
    _Response.add_tags = changing(1, _add)
    _Response.delete_tags = changing(2, _remove)
    _tags_once()


def _theirs_answer(method: Method, response: Any, arn: str) -> Any:
    """What moto says of the things that it has itself; a service says of none that it is none."""
    try:
        return method(response)
    except (AttributeError, ValueError):
        raise NotFound(f"{arn} does not exist") from None


def _tags_once() -> None:
    """moto keeps an old tag beside the new one of the same key."""

    def add_tags(self: Any, arn: str, tags: list[dict[str, str]]) -> list[dict[str, str]]:
        resource = self._get_resource_from_arn(arn)
        new = {tag["Key"] for tag in tags}
        resource.tags = [tag for tag in resource.tags or [] if tag["Key"] not in new] + tags
        return list(resource.tags)

    _Backend.add_tags = add_tags


def _add(tags: dict[str, str], given: Mapping[str, Any]) -> None:
    tags |= {tag["Key"]: tag["Value"] for tag in given["Tags"]}


def _remove(tags: dict[str, str], given: Mapping[str, Any]) -> None:
    for key in given["TagKeys"]:
        tags.pop(key, None)
