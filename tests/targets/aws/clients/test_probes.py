"""Whether AWS's services are there and ready, asked as the caller."""

from __future__ import annotations

import socket

import pytest
from testkit.fake_providers.aws import account
from testkit.support.aws import REGION
from testkit.support.aws_resources import ROLE, make_bucket, make_mwaa, make_pipeline

from pilothouse.contract import Probe
from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.clients.target import AwsClients

ARN = f"arn:aws:{{service}}:{REGION}:123456789012:{{kind}}/{{name}}"


def said(kind: str, address: str) -> str:
    return AwsClients().find_failure(Probe(service="one", kind=kind, address=address))


def test_a_bucket_is_there_or_it_is_named(aws: str) -> None:
    make_bucket("pilot-data")
    assert said("s3", f"s3://{REGION}/pilot-data") == ""
    assert "HeadBucket: 404" in said("s3", f"s3://{REGION}/nobodys-data")


def test_an_environment_must_be_available(aws: str) -> None:
    arn = make_mwaa("pilot-airflow")
    assert said("mwaa", arn) == ""
    environments = account.backend("mwaa", REGION).environments
    environments["pilot-airflow"]["Status"] = "UNAVAILABLE"
    assert said("mwaa", arn) == "environment pilot-airflow is UNAVAILABLE"
    missing = ARN.format(service="airflow", kind="environment", name="gone")
    assert "GetEnvironment: ResourceNotFoundException" in said("mwaa", missing)


def test_an_mlflow_app_must_be_made(aws: str) -> None:
    sagemaker = api.client("sagemaker", REGION)
    made = sagemaker.create_mlflow_app(
        Name="pilot-mlflow", ArtifactStoreUri="s3://pilot-artifacts", RoleArn=ROLE
    )
    sagemaker.describe_mlflow_app(Arn=made["Arn"])
    assert said("sagemaker-mlflow", made["Arn"]) == ""
    sagemaker.delete_mlflow_app(Arn=made["Arn"])
    assert said("sagemaker-mlflow", made["Arn"]) != ""


def test_a_tracking_server_must_be_made(aws: str) -> None:
    sagemaker = api.client("sagemaker", REGION)
    arn = sagemaker.create_mlflow_tracking_server(
        TrackingServerName="pilot-server", ArtifactStoreUri="s3://pilot-artifacts", RoleArn=ROLE
    )["TrackingServerArn"]
    sagemaker.describe_mlflow_tracking_server(TrackingServerName="pilot-server")
    assert said("sagemaker-mlflow", arn) == ""
    sagemaker.delete_mlflow_tracking_server(TrackingServerName="pilot-server")
    assert said("sagemaker-mlflow", arn) != ""


def test_a_pipeline_is_there_or_it_is_named(aws: str) -> None:
    assert said("sagemaker-pipeline", make_pipeline("pilot", {"DATA_URI": "s3://data"})) == ""
    missing = ARN.format(service="sagemaker", kind="pipeline", name="gone")
    assert "DescribePipeline" in said("sagemaker-pipeline", missing)


@pytest.mark.parametrize("address", ["", "pilot-airflow", "arn:aws:airflow:eu-west-1:1"])
def test_what_is_no_arn_is_said(address: str) -> None:
    assert "is no ARN" in said("mwaa", address)


def test_without_credentials_the_remedy_is_named(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    assert api.LOG_IN in said("s3", f"s3://{REGION}/pilot-data")


def test_an_endpoint_that_does_not_answer_is_named(
    aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    monkeypatch.setattr(api, "ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    assert address in said("s3", f"s3://{REGION}/pilot-data")
