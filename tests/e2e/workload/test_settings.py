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


def test_reads_bucket_prefix_and_token() -> None:
    settings = from_environment(GOOD)
    assert (settings.bucket, settings.prefix) == ("pilot-data", "team/a/runs/run-0001/")
    assert (settings.region, settings.run_token) == ("eu-west-1", "run-0001")


@pytest.mark.parametrize("uri", ["s3://pilot-data", "s3://pilot-data/"])
def test_a_bucket_alone_will_do(uri: str) -> None:
    assert from_environment({**GOOD, "DATA_URI": uri}).prefix == "runs/run-0001/"


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
        "s3://bucket?x=1", "s3://bucket/#part", "s3://user:pass@bucket",
    ],
)  # fmt: skip
def test_refuses_data_uris(uri: str) -> None:
    assert [problem.startswith("DATA_URI: found") for problem in problems(DATA_URI=uri)] == [True]


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
