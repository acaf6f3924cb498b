"""What a run is started with, what of it is reported, and what is refused before it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from typing_extensions import override

from pilothouse.config.platform_spec import Platform, load
from pilothouse.config.workload import Scalar
from pilothouse.contract import Capability
from pilothouse.errors import InvalidInput, PilothouseError, Refused
from pilothouse.lifecycle.commands import run, runs
from pilothouse.lifecycle.commands.run import Wanted, read_parameters
from pilothouse.lifecycle.stack import Stack
from pilothouse.packages import package as packages
from pilothouse.packages.package import Package
from pilothouse.services.clients import Clients
from pilothouse.services.workload import RunRequest, StepRun, WorkloadRun, submission
from tests.unit.lifecycle.still_stack import (
    CAPABILITY,
    EmptyTarget,
    StillEngine,
    TextReport,
    still_stack,
)

PLATFORM = """\
name: demo
owner: ml-team@example.org
pilot: {expires: 2027-12-31, monthlyBudget: 500}
workload:
  package: churn
  parameters: {region: eu, epochs: 3, rate: 0.5, deep: false}
  secrets: [WAREHOUSE_URL]
  steps:
    - {name: features, command: [churn, features]}
    - {name: train, command: [churn, train], needs: [features]}
"""
PACKAGE = Package(
    name="churn", digest="0123456789ab", python="3.11", requirements=Path("r.txt"), wheel=None
)


class Delivered(EmptyTarget):
    """A target that notes what is delivered, and knows these secrets."""

    secrets_remedy = "put it there"

    def __init__(self, known: Mapping[str, str | None]) -> None:
        super().__init__()
        self.known, self.secrets = known, list[Mapping[str, str]]()

    @override
    def prepare_package(self, platform: Any, workload: Any, package: Package) -> None:
        assert not self.secrets

    @override
    def deliver_package(self, contract: Any, package: Package, secrets: Mapping[str, str]) -> None:
        assert package == PACKAGE
        self.secrets.append(secrets)

    @override
    def workload_secrets(self, names: Sequence[str]) -> Mapping[str, str | None]:
        return {name: self.known[name] for name in names if name in self.known}


class Runs:
    """Answers one after the other, the last one again and again."""

    def __init__(self, *answers: WorkloadRun) -> None:
        self.answers, self.started = list(answers), list[RunRequest]()
        self.cancelled: list[str] = []

    def start(self, request: RunRequest, definition: str) -> str:
        assert definition.startswith("The steps of workload")
        self.started.append(request)
        return request.token

    def recent(self, limit: int) -> list[WorkloadRun]:
        return self.answers[:limit]

    def look(self, run: str) -> WorkloadRun:
        assert run == "run-1"
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def log(self, run: str, step: StepRun) -> list[str]:
        assert run == "run-1"
        return [f"{step.name} says {number}" for number in range(3)]

    def cancel(self, run: str) -> None:
        self.cancelled.append(run)


class OneKind(Clients):
    """Clients of these runs alone."""

    def __init__(self, known: Runs) -> None:
        self.known = known

    @override
    def workload_runs(self, orchestration: Capability[str]) -> Runs:
        return self.known


class SetUpEngine(StillEngine):
    """An engine of a stack that was set up with the workload of `platform`."""

    platform: Platform

    @override
    def outputs(self) -> dict[str, Any]:
        outputs = super().outputs()
        submit = {"kind": "airflow-api", "dag": "proof", **submission(self.platform.workload)}
        outputs["contract"]["orchestration"] = replace(CAPABILITY, submit=submit).exported()
        return outputs


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    file = tmp_path / "platform.yaml"
    file.write_text(PLATFORM, encoding="utf-8")
    return load(file, today=None)


@pytest.fixture(autouse=True)
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package is built here: tests/unit/packages does that."""
    monkeypatch.setattr(packages, "prepare", lambda *_arguments: PACKAGE)
    monkeypatch.setattr(run, "POLL", 0.0)


class Setting:
    """A stack that is set up, its target and its runs."""

    def __init__(self, folder: Path, platform: Platform, *answers: WorkloadRun) -> None:
        self.target = Delivered({"WAREHOUSE_URL": "secret-of-a-test", "OTHER": "x"})
        self.runs, self.report = Runs(*answers), TextReport()
        made = still_stack(folder, self.target)
        engine = SetUpEngine(cast("StillEngine", made.engine).known)
        engine.platform = platform
        self.stack: Stack = replace(made, engine=engine, clients=OneKind(self.runs))

    def start(self, platform: Platform, **wanted: Any) -> RunRequest:
        name = run.start(self.stack, platform, self.report, Wanted(**wanted))
        (request,) = self.runs.started
        assert name == request.token
        return request


def test_a_run_gets_the_package_as_it_is_now_and_only_what_was_given(
    tmp_path: Path, platform: Platform
) -> None:
    setting = Setting(tmp_path, platform)
    request = setting.start(platform, parameters=["region=us"])
    assert (request.package, request.parameters) == (PACKAGE.digest, {"region": "us"})
    assert (request.steps, request.inputs) == ((), "")
    assert setting.target.secrets == [{"WAREHOUSE_URL": "secret-of-a-test"}]
    assert f"run {request.token} has started" in "\n".join(setting.report.lines)
    assert "secret-of-a-test" not in "\n".join(setting.report.lines)


def test_a_secret_that_the_steps_have_anyway_is_not_delivered(
    tmp_path: Path, platform: Platform
) -> None:
    setting = Setting(tmp_path, platform)
    setting.target.known = {"WAREHOUSE_URL": None}
    setting.start(platform)
    assert setting.target.secrets == [{}]


def test_a_secret_without_a_value_is_refused_where_it_is_named(
    tmp_path: Path, platform: Platform
) -> None:
    setting = Setting(tmp_path, platform)
    setting.target.known = {}
    with pytest.raises(InvalidInput, match=r"WAREHOUSE_URL; put it there") as refused:
        setting.start(platform)
    (problem,) = refused.value.problems
    assert (problem.line, problem.key) == (7, "workload.secrets[0]")
    assert (setting.target.secrets, setting.runs.started) == ([], [])


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (("name: train", "name: fit"), "run `pilothouse up"),
        (("region: eu", "region: us"), "run `pilothouse up"),
        (("[WAREHOUSE_URL]", "[WAREHOUSE]"), "run `pilothouse up"),
        (("workload:", "#workload:"), "add `workload`"),
    ],
)
def test_other_steps_than_those_of_the_last_up_are_refused(
    tmp_path: Path, platform: Platform, change: tuple[str, str], remedy: str
) -> None:
    setting = Setting(tmp_path, platform)
    text = PLATFORM.replace(*change)
    if change[0] == "workload:":
        text = PLATFORM.partition("workload:")[0]
    (tmp_path / "platform.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=remedy):
        setting.start(load(tmp_path / "platform.yaml", today=None))
    assert (setting.target.secrets, setting.runs.started) == ([], [])


def test_another_package_or_python_needs_no_up(tmp_path: Path, platform: Platform) -> None:
    setting = Setting(tmp_path, platform)
    text = PLATFORM.replace("package: churn", 'package: churn==0.4.0\n  python: "3.12"')
    (tmp_path / "platform.yaml").write_text(text, encoding="utf-8")
    setting.start(load(tmp_path / "platform.yaml", today=None))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"steps": ["trian"]}, "did you mean train?"),
        ({"steps": ["train"]}, "train needs features; name the run"),
        ({"parameters": ["regio=x"]}, "did you mean region?"),
        ({"parameters": ["region"]}, "write name=value"),
        ({"parameters": ["epochs=three"]}, "write a whole number"),
        ({"parameters": ["rate=fast"]}, "write a number"),
        ({"parameters": ["deep=yes"]}, "write true or false"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_delivered(
    tmp_path: Path, platform: Platform, wanted: dict[str, Any], said: str
) -> None:
    setting = Setting(tmp_path, platform)
    with pytest.raises(Refused, match=said.replace("?", r"\?")):
        setting.start(platform, **wanted)
    assert (setting.target.secrets, setting.runs.started) == ([], [])


@pytest.mark.parametrize("wanted", [{"inputs": "run-1234567"}, {"steps": ["features", "train"]}])
def test_a_step_runs_alone_with_the_inputs_of_another_run_or_with_what_it_needs(
    tmp_path: Path, platform: Platform, wanted: dict[str, Any]
) -> None:
    request = Setting(tmp_path, platform).start(platform, **{"steps": ["train"], **wanted})
    assert request.inputs == wanted.get("inputs", "")
    assert "train" in request.steps


def test_parameters_have_the_types_of_their_defaults() -> None:
    defaults: dict[str, Scalar] = {"a": "x", "b": 1, "c": 0.5, "d": False}
    given: Sequence[str] = ["a=1=2", "b=-7", "c=2", "d=true"]
    assert read_parameters(defaults, given) == {"a": "1=2", "b": -7, "c": 2.0, "d": True}


def at(state: str, *steps: tuple[str, str], succeeded: bool = False) -> WorkloadRun:
    return WorkloadRun(
        name="run-1",
        state=state,
        ended=state != "running",
        succeeded=succeeded,
        started="2026-11-27T10:11:12.345Z",
        parameters={"region": "us"},
        steps=[
            StepRun(name=name, state=now, tries=1, is_over=now in ("success", "failed"))
            for name, now in steps
        ],
    )


def test_following_tells_each_change_once_and_what_a_step_said_at_its_end(
    tmp_path: Path, platform: Platform
) -> None:
    setting = Setting(
        tmp_path,
        platform,
        at("running", ("features", "running"), ("train", "waiting")),
        at("running", ("features", "running"), ("train", "waiting")),
        at("running", ("features", "success"), ("train", "running")),
        at("success", ("features", "success"), ("train", "success"), succeeded=True),
    )
    run.follow(setting.stack, setting.report, "run-1")
    assert setting.report.lines == [
        "features: running",
        "train: waiting",
        "features: success",
        *(f"features | features says {number}" for number in range(3)),
        "train: running",
        "train: success",
        *(f"train | train says {number}" for number in range(3)),
        "run run-1 has succeeded",
    ]


def test_following_a_run_that_fails_ends_with_the_step_and_the_command_for_its_log(
    tmp_path: Path, platform: Platform
) -> None:
    setting = Setting(
        tmp_path, platform, at("failed", ("features", "failed"), ("train", "upstream_failed"))
    )
    with pytest.raises(PilothouseError, match=r"failed: features failed; .*logs .* --run run-1"):
        run.follow(setting.stack, setting.report, "run-1")
    assert "features | features says 2" in "\n".join(setting.report.lines)


def test_runs_are_listed_with_their_parameters(tmp_path: Path, platform: Platform) -> None:
    setting = Setting(tmp_path, platform, at("success"), at("failed"))
    runs.run(setting.stack, setting.report, limit=1)
    head, only = setting.report.lines
    assert head.split()[0] == "run"
    assert only.split() == ["run-1", "success", "2026-11-27", "10:11:12", "region=us"]


def test_without_runs_the_command_that_starts_one_is_named(
    tmp_path: Path, platform: Platform
) -> None:
    setting = Setting(tmp_path, platform)
    runs.run(setting.stack, setting.report, limit=1)
    assert "no runs yet: `pilothouse run" in "\n".join(setting.report.lines)


def test_logs_of_a_run_are_those_of_the_steps_that_were_asked_for(
    tmp_path: Path, platform: Platform
) -> None:
    setting = Setting(
        tmp_path, platform, at("failed", ("features", "success"), ("train", "failed"))
    )
    runs.logs(setting.stack, setting.report, "run-1", ["train"], lines=2)
    assert setting.report.lines == ["train | train says 1", "train | train says 2"]
