"""The environment of the workload: what is refused, and how it is said."""

import pytest
from pilothouse_workload.errors import InvalidEnvironmentError
from pilothouse_workload.settings import from_environment

GOOD = {
    "DATA_URI": "s3://pilot-data/team/a/",
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:5000",
    "MODEL_NAME": "pilot",
    "RUN_TOKEN": "run-0001",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def problems(**changes: str) -> tuple[str, ...]:
    with pytest.raises(InvalidEnvironmentError) as caught:
        from_environment({**GOOD, **changes})
    return caught.value.problems


def test_reads_where_the_run_works() -> None:
    settings = from_environment(GOOD)
    assert (settings.data_uri, settings.model_name) == (GOOD["DATA_URI"], "pilot")
    assert settings.run_token == "run-0001"


def test_names_every_missing_variable_at_once() -> None:
    with pytest.raises(InvalidEnvironmentError) as caught:
        from_environment({})
    named = {problem.partition(":")[0] for problem in caught.value.problems}
    assert named == {"DATA_URI", "MLFLOW_TRACKING_URI", "MODEL_NAME", "RUN_TOKEN"}
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "token",
    [
        "short1", "-leading", "Upper-case", "with space", "semi;colon", "$(reboot)", "a/../b-c-d",
        "naïve-token", "x" * 64, "line\nbreak", "run-0001\n", "quote'quote",
    ],
)  # fmt: skip
def test_refuses_tokens(token: str) -> None:
    assert [problem.startswith("RUN_TOKEN: found") for problem in problems(RUN_TOKEN=token)] == [
        True
    ]


@pytest.mark.parametrize(
    "uri",
    [
        "pilot-data", "http://pilot-data", "s3://", "s3://Upper", "s3:///prefix", "s3://a_b_c",
        "s3://bucket?x=1", "s3://bucket/#part", "s3://user:pass@bucket", "s3://bucket\n", "gs://",
        "gs://Upper", "abfss://data@pilot.blob.core.windows.net", "abfss://data@pi-lot.dfs.a.net",
        "https://pilot.blob.core.windows.net", "https://pilot.example.com/data", "/",
        "//host/share", "file://host/folder", "file:///", "folder/below", "wasbs://data@pilot",
        "azureml://datastores/a",
    ],
)  # fmt: skip
def test_refuses_data_uris(uri: str) -> None:
    assert [problem.startswith("DATA_URI: found") for problem in problems(DATA_URI=uri)] == [True]


@pytest.mark.parametrize(
    "uri",
    [
        "s3://user:s3cret@bucket",
        "https://pilot.blob.core.windows.net/data?sv=2026&sig=s3cret",
        "abfss://data:s3cret@pilot.dfs.core.windows.net",
    ],
)
def test_what_may_be_secret_in_a_data_uri_is_not_said(uri: str) -> None:
    (problem,) = problems(DATA_URI=uri)
    assert "s3cret" not in problem
    assert uri[:5] in problem


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "it's", "x" * 129, " pilot"])
def test_refuses_model_names(name: str) -> None:
    assert [problem.startswith("MODEL_NAME") for problem in problems(MODEL_NAME=name)] == [True]


@pytest.mark.parametrize(
    ("present", "missing"),
    [
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"),
        ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_USERNAME"),
    ],
)
def test_half_a_login_is_refused_without_its_value(present: str, missing: str) -> None:
    (problem,) = problems(**{present: "s3cret-value"})
    assert problem.startswith(f"{missing}: not set")
    assert "s3cret-value" not in problem
