"""The program of the CronJob that stops a stack, before an API that notes what it does."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kubernetes import config

from pilothouse.targets.kubernetes.components.expiry import PROGRAM
from tests.targets.kubernetes.fake_api import FakeApi, listed, named, served
from tests.targets.kubernetes.operations.test_restore import cron_job, deployment

LAST_DAY = date(2026, 11, 1)
BEFORE = datetime(2026, 10, 1, 8, tzinfo=UTC)
SPACE = "pilot"
APPS, BATCH = (f"/apis/{group}/v1/namespaces/{SPACE}" for group in ("apps", "batch"))


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The program, with the kubeconfig and the namespace of a test in place of a pod's."""
    spec = importlib.util.spec_from_file_location("expiry", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "namespace").write_text(SPACE)
    monkeypatch.setattr(module, "NAMESPACE", tmp_path / "namespace")
    monkeypatch.setattr(config, "load_incluster_config", config.load_kube_config)
    monkeypatch.setattr(sys, "argv", ["expiry", LAST_DAY.isoformat()])
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION",
                        str(tmp_path / "kubeconfig"))  # fmt: skip
    return module


@pytest.fixture
def api(tmp_path: Path) -> Iterator[FakeApi]:
    fake = FakeApi()
    fake.documents = {
        f"{BATCH}/cronjobs": listed(cron_job("mlflow-gc"), cron_job("expiry")),
        f"{BATCH}/cronjobs/mlflow-gc": cron_job("mlflow-gc"),
        f"{APPS}/deployments": listed(made("mlflow", BEFORE)),
        f"{APPS}/deployments/mlflow": named("mlflow"),
        f"{APPS}/statefulsets": listed(made("postgres", BEFORE)),
        f"{APPS}/statefulsets/postgres": named("postgres"),
    }
    with served(fake, tmp_path / "kubeconfig"):
        yield fake


def made(name: str, created: datetime) -> dict[str, Any]:
    document = deployment(name)
    document["spec"] |= {"serviceName": name}
    document["metadata"] |= {"creationTimestamp": created.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return document


def test_schedules_are_suspended_before_servers_end_and_these_before_databases(
    api: FakeApi, program: Any
) -> None:
    program.main()
    assert api.deeds == [
        f"PATCH {BATCH}/cronjobs/mlflow-gc",
        f"DELETE {APPS}/deployments/mlflow",
        f"DELETE {APPS}/statefulsets/postgres",
    ]
    assert api.patched == {f"{BATCH}/cronjobs/mlflow-gc": {"spec": {"suspend": True}}}


def test_what_an_up_of_this_day_started_goes_on(api: FakeApi, program: Any) -> None:
    api.documents[f"{APPS}/deployments"] = listed(made("mlflow", datetime.now(UTC)))
    program.main()
    assert api.deeds == []


def test_a_stack_in_which_nothing_runs_is_left_alone(api: FakeApi, program: Any) -> None:
    api.documents[f"{APPS}/deployments"] = api.documents[f"{APPS}/statefulsets"] = listed()
    program.main()
    assert api.deeds == []


def test_a_job_that_does_not_end_is_waited_for_and_then_not_any_longer(
    api: FakeApi, program: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "JOBS_END_WITHIN", 0.3)
    monkeypatch.setattr(program, "CHECKED_EVERY", 0.1)
    api.documents[f"{BATCH}/jobs"] = listed(job("backup"), job("expiry"))
    program.main()
    assert "not waiting any longer for backup-1\n" in capsys.readouterr().out
    assert sum(query.startswith(f"{BATCH}/jobs") for query in api.queries) > 1
    assert api.deleted


def job(component: str) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app.kubernetes.io/name": component}},
        "spec": {"containers": [{"name": "main"}]},
    }
    return named(f"{component}-1", spec={"template": template}, status={"active": 1})


@pytest.mark.parametrize(
    ("created", "today", "over"),
    [
        (BEFORE, LAST_DAY, False),
        (BEFORE, LAST_DAY + timedelta(days=1), True),
        (datetime(2026, 11, 5, 23, tzinfo=UTC), date(2026, 11, 5), False),
        (datetime(2026, 11, 5, 23, tzinfo=UTC), date(2026, 11, 6), True),
    ],
)
def test_a_stack_ends_with_its_last_day_or_with_the_day_of_a_later_up(
    program: Any, created: datetime, today: date, over: bool
) -> None:
    assert program.is_over(LAST_DAY, [created], today) is over
