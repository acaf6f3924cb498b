"""MLflow of SageMaker's, which is named by an ARN and signed for by AWS credentials.

Addresses, headers and services of signatures are those of the `sagemaker-mlflow` plugin 0.5.0,
by which MLflow's own client gets there; so is the variable that names another address.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import httpx

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.clients import api

ENDPOINT = "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT"
PARTITIONS = ("aws", "aws-us-gov")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One of SageMaker's two ways to have an MLflow.

    address: of all of a region. header: says which one is meant. service: that is signed for.
    """

    address: str
    header: str
    service: str


KINDS: Mapping[str, Kind] = {
    "mlflow-app": Kind(
        address="https://mlflow.sagemaker.{region}.app.aws",
        header="x-sm-mlflow-app-arn",
        service="sagemaker",
    ),
    "mlflow-tracking-server": Kind(
        address="https://{region}.experiments.sagemaker.aws",
        header="x-mlflow-sm-tracking-server-arn",
        service="sagemaker-mlflow",
    ),
}


def access(text: str) -> tuple[str, httpx.Auth]:
    """The address of the MLflow with this ARN, and what signs for the caller.

    Raises PilothouseError for an ARN of something else, and where there are no credentials.
    """
    arn = api.Arn.of(text)
    if arn.kind not in KINDS or arn.partition not in PARTITIONS:
        raise PilothouseError(f"{text} is no MLflow that can be reached by its ARN")
    address = KINDS[arn.kind].address.format(region=arn.region)
    return os.environ.get(ENDPOINT) or address, _Signature(arn)


class _Signature(httpx.Auth):
    """AWS's signature, version 4, over a request and its body."""

    requires_request_body = True

    def __init__(self, arn: api.Arn) -> None:
        self._arn = arn
        self._kind = KINDS[arn.kind]

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the headers that say which MLflow is meant and who asks."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        headers = {
            "Content-Type": request.headers.get("Content-Type", ""),
            "X-Amz-Content-SHA256": hashlib.sha256(request.content).hexdigest(),
            self._kind.header: self._arn.text,
        }
        signed = AWSRequest(
            method=request.method,
            url=str(request.url),
            data=request.content,
            headers={name: value for name, value in headers.items() if value},
        )
        credentials = api.credentials(self._arn.region)
        SigV4Auth(credentials, self._kind.service, self._arn.region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request
