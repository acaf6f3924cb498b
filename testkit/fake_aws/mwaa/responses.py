"""MWAA's operations."""

from __future__ import annotations

import os
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from testkit.fake_aws.mwaa import airflow
from testkit.fake_aws.mwaa.models import MWAABackend, mwaa_backends


class RefusedByAirflow(ServiceException):
    """Airflow answered with an error of the caller's making."""

    code = "RestApiClientException"

    def __init__(self, status: int, answer: Any) -> None:
        super().__init__(f"Airflow answered {status}")
        self.rest_api_status_code, self.rest_api_response = status, answer
        self.RestApiStatusCode, self.RestApiResponse = status, answer


class MwaaResponse(BaseResponse):
    """Answers requests."""

    def __init__(self) -> None:
        super().__init__(service_name="mwaa")
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> MWAABackend:
        """The region's environments."""
        return mwaa_backends[self.current_account][self.region]

    def create_environment(self) -> ActionResult:
        """Make one."""
        given = self._given()
        return ActionResult({"Arn": self.backend.create(given.pop("Name"), given)})

    def get_environment(self) -> ActionResult:
        """One as it is."""
        return ActionResult({"Environment": self.backend.get(self._get_param("Name"))})

    def list_environments(self) -> ActionResult:
        """Their names."""
        return ActionResult({"Environments": self.backend.names()})

    def update_environment(self) -> ActionResult:
        """Change one."""
        given = self._given()
        return ActionResult({"Arn": self.backend.update(given.pop("Name"), given)})

    def delete_environment(self) -> ActionResult:
        """Begin to remove one."""
        self.backend.delete(self._get_param("Name"))
        return ActionResult({})

    def tag_resource(self) -> ActionResult:
        """Add tags."""
        given = self._given()
        self.backend.by_arn(given["ResourceArn"])["Tags"] |= given["Tags"]
        return ActionResult({})

    def untag_resource(self) -> ActionResult:
        """Remove tags."""
        given = self._given()
        tags = self.backend.by_arn(given["ResourceArn"])["Tags"]
        for key in given["tagKeys"]:
            tags.pop(key, None)
        return ActionResult({})

    def list_tags_for_resource(self) -> ActionResult:
        """The tags of one."""
        return ActionResult({"Tags": self.backend.by_arn(self._get_param("ResourceArn"))["Tags"]})

    def invoke_rest_api(self) -> ActionResult:
        """Ask the environment's Airflow."""
        given = self._given()
        name = self.backend.get(given["Name"])["Name"]
        if "?" in given["Path"]:
            raise RefusedByAirflow(400, {"detail": "a query belongs into QueryParameters"})
        api = airflow.of(name, os.environ.get(airflow.ADDRESS))
        asked = airflow.Request(
            given["Method"], given["Path"], given.get("QueryParameters") or {},
            given.get("Body") or {},
        )  # fmt: skip
        status, answer = api(asked)
        if status >= 400:
            raise RefusedByAirflow(status, answer)
        return ActionResult({"RestApiStatusCode": status, "RestApiResponse": answer})

    def _given(self) -> dict[str, Any]:
        return {**self.uri_match, **self.params}
