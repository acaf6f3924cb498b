"""The command itself: help, exit codes, and a stdout that holds one document or nothing."""

import json
import os
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from pilothouse_workload import cli, steps
from pilothouse_workload.errors import WorkloadError
from pilothouse_workload.settings import CLIENT_DEFAULTS

from .test_settings import GOOD


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A good environment, and a process that goes on collecting garbage after the command."""
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cli, "_collect_no_garbage", lambda: None)
    for name in CLIENT_DEFAULTS:
        monkeypatch.setenv(name, "set-before")


def test_help_names_every_step_and_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    shown = capsys.readouterr().out
    assert caught.value.code == 0
    assert all(name in shown for name in [*steps.STEPS, "run", *GOOD, "RUN_TOKEN"])


@pytest.mark.parametrize("arguments", [[], ["unknown"]])
def test_wrong_arguments_exit_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2


@pytest.mark.usefixtures("environment")
def test_wrong_environment_exits_2_with_nothing_on_stdout(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("RUN_TOKEN")
    assert cli.main(["prepare"]) == 2
    assert "RUN_TOKEN: not set" in caplog.text
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("environment")
def test_prints_one_document_even_if_a_library_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def noisy(settings: Any, names: list[str]) -> dict[str, Any]:
        sys.stdout.write("a library says hello\n")
        return {"names": names, "token": settings.run_token}

    monkeypatch.setattr(cli, "run", noisy)
    assert cli.main(["run"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"names": list(steps.STEPS), "token": "run-0001"}
    assert "a library says hello" in shown.err


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("error", [WorkloadError("other bytes"), OSError("no route")])
def test_a_failing_step_exits_1_and_says_why(
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "run", failing)
    assert cli.main(["train"]) == 1
    assert str(error) in caplog.text
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("environment")
def test_variables_may_be_arguments(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def telling(settings: Any, names: list[str]) -> dict[str, Any]:
        return {"token": settings.run_token, "uri": settings.data_uri, "x": os.environ["X"]}

    monkeypatch.setattr(cli, "run", telling)
    monkeypatch.delenv("RUN_TOKEN")
    monkeypatch.setenv("X", "")
    given = ["RUN_TOKEN=run-0002", "DATA_URI=/Volumes/a/b/c", "X=a=b c"]
    arguments = [part for pair in given for part in ("--set", pair)]
    assert cli.main([*arguments, "prepare"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"token": "run-0002", "uri": "/Volumes/a/b/c", "x": "a=b c"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("MLFLOW_TRACKING_PASSWORD=s3cret", "is secret"),
        ("AWS_SECRET_ACCESS_KEY=s3cret", "is secret"),
        ("MLFLOW_TRACKING_TOKEN=s3cret", "is secret"),
        ("AZURE_STORAGE_CONNECTION_STRING=s3cret", "is secret"),
        ("DATA_URI", "give NAME=VALUE"),
        ("DATA URI=s3cret", "give NAME=VALUE"),
    ],
)
def test_arguments_that_are_secret_or_no_variables_exit_2(
    given: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--set", given, "prepare"])
    assert caught.value.code == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "s3cret" not in told.out + told.err
    assert given.partition("=")[0] not in os.environ


def test_garbage_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    fake = SimpleNamespace(disable=lambda: called.append("disable"), freeze=lambda: None)
    monkeypatch.setattr(cli, "gc", fake)
    monkeypatch.setattr(cli, "atexit", SimpleNamespace(register=called.append))
    cli._collect_no_garbage()
    assert called == ["disable", fake.freeze]
