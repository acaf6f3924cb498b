"""Clients are made once for an environment, errors are one line, ARNs are parsed."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from pilothouse.targets.aws.clients import api
from pilothouse.targets.shared.account import ServiceError

REGION = "eu-west-1"


def test_a_client_is_made_once_for_a_service_and_a_region() -> None:
    assert api.client("s3", REGION) is api.client("s3", REGION)
    assert api.client("s3", REGION) is not api.client("s3", "us-east-1")


def test_another_environment_has_other_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    before = api.client("s3", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert api.client("s3", REGION).meta.endpoint_url == "http://127.0.0.1:9"
    assert api.client("s3", REGION) is not before


def test_credentials_that_change_are_used_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-no-worth")
    for key in ("one", "another"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        assert api.credentials(REGION).access_key == key
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(api.NoCredentials, match="aws sso login"):
        api.credentials(REGION)


def test_variables_of_others_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = api.session()
    monkeypatch.setenv("PULUMI_HOME", "/elsewhere")
    assert api.session() is before


def refusal(code: str, status: int = 400) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": "two\nlines"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "DeleteVpc")  # type: ignore[arg-type]


def raised(error: Exception) -> ServiceError:
    with pytest.raises(ServiceError) as caught, api.calling():
        raise error
    return caught.value


def test_a_refusal_names_the_operation_the_code_and_the_reason_in_one_line() -> None:
    error = raised(refusal("DependencyViolation"))
    assert str(error) == "DeleteVpc: DependencyViolation: two lines"
    assert (error.code, error.is_denied) == ("DependencyViolation", False)


@pytest.mark.parametrize(
    "code",
    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ExpiredToken",
     "InvalidClientTokenId", "UnrecognizedClientException"],
)  # fmt: skip
def test_what_no_retry_cures_is_denied(code: str) -> None:
    assert raised(refusal(code)).is_denied


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal("ThrottlingException"), api.AwsUnavailable),
        (refusal("InternalError", 500), api.AwsUnavailable),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:9"), api.AwsUnavailable),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), api.AwsError),
        (NoCredentialsError(), api.NoCredentials),
    ],
)
def test_errors_tell_what_may_help(error: Exception, expected: type[ServiceError]) -> None:
    assert type(raised(error)) is expected
    assert not raised(error).is_denied


@pytest.mark.parametrize("text", ["", "arn:aws:s3:::bucket", "arn:aws:kms:eu-west-1:1:alias"])
def test_an_arn_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no ARN of a named resource"):
        api.Arn.of(text)


def test_an_arn_is_parsed() -> None:
    arn = api.Arn.of("arn:aws-cn:sagemaker:cn-north-1:123456789012:mlflow-app/app-1")
    parts = (arn.partition, arn.service, arn.region, arn.kind, arn.name)
    assert parts == ("aws-cn", "sagemaker", "cn-north-1", "mlflow-app", "app-1")
