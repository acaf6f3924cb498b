"""How a stack is looked at, what stays of it when data are kept, how its rights are told."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from testkit.fake_providers.aws.account import backend
from typer.testing import CliRunner

from pilothouse import cli
from pilothouse.contract import Capability, Contract
from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.plan import Plan
from pilothouse.program.build import record_graph
from pilothouse.targets.aws.clients.account import Account
from pilothouse.targets.aws.operations.target import AwsOperations
from pilothouse.targets.dry_run import Recorded, Recording
from tests.targets.aws import planting
from tests.targets.aws.managed import Managed
from tests.targets.aws.plans import ACCOUNT, ROOT, plan_of


@pytest.fixture(scope="module")
def graph() -> Recording:
    return record_graph(plan_of("aws", compute={"domain": True}))


def staying(graph: Recording) -> list[Recorded]:
    """What stays in the state by choice, with all that it stands on."""
    state: list[dict[str, Any]] = [
        {
            "urn": each.urn,
            "type": each.type,
            "parent": each.parent,
            "provider": each.provider,
            "dependencies": sorted(each.dependencies),
        }
        for each in graph
    ]
    operations, recorded = AwsOperations(plan_of("aws")), StackState(exists=True, resources=state)
    chosen = [each["urn"] for each in state if operations.is_retained(each)]
    return [graph.resources[urn] for urn in recorded.retained_with_dependencies(chosen)]


def names_of(kept: list[Recorded], kind: str) -> set[str]:
    return {each.name for each in kept if each.type.endswith(f":{kind}")}


def test_data_are_kept_with_all_that_protects_and_opens_them(graph: Recording) -> None:
    kept = staying(graph)
    for kind in (
        *("Bucket", "BucketVersioning", "BucketPolicy", "BucketPublicAccessBlock"),
        *("BucketServerSideEncryptionConfiguration", "BucketLifecycleConfiguration"),
        "BucketOwnershipControls",
    ):
        assert names_of(kept, kind) == {"data", "artifacts"}, kind
    assert names_of(kept, "Key") == names_of(kept, "Alias") == {"key"}
    assert names_of(kept, "ModelPackageGroup") == {"model"}
    assert names_of(kept, "MlflowApp") == {"mlflow"}


def test_what_costs_by_the_hour_goes_where_data_are_kept(graph: Recording) -> None:
    kinds = {each.type.rpartition(":")[2] for each in staying(graph)}
    paid = {"Environment", "NatGateway", "Eip", "Vpc", "VpcEndpoint", "Domain", "Subnet"}
    assert not kinds & paid
    server = record_graph(plan_of("aws", tracking={"server": "tracking-server"}))
    assert not names_of(staying(server), "MlflowTrackingServer")
    assert names_of(staying(server), "Bucket") == {"data", "artifacts"}


def test_what_stays_in_the_state_is_what_the_proof_calls_kept(
    account: Account, graph: Recording
) -> None:
    """Else a sweep would remove what the state goes on to have."""
    for role in ("data", "artifacts", "dags"):
        planting.bucket(account, role)
    for role in ("job-role", "mlflow-role"):
        planting.role(account, role)
    for plant in (planting.mlflow_app, planting.package_group, planting.alias):
        plant(account)
    planted = ("data", "artifacts", "dags", "job-role", "mlflow-role", "mlflow", "model")
    found = AwsOperations(account.plan).leftovers(keep_data=True)
    kept = {each.name.partition(" (")[0] for each in found if each.verdict == "kept"}
    keys = ("name", "bucket", "modelPackageGroupName")
    recorded = {each.inputs.get(key) for each in staying(graph) for key in keys if each.custom}
    for role in planted:
        name = account.plan.name(role)
        assert (name in kept) == (name in recorded), role
    assert {f"alias/{account.plan.name('key')}"} <= kept & recorded


def test_services_are_told_by_their_own_words(account: Account) -> None:
    planting.environment(account)
    planting.mlflow_app(account)
    planting.pipeline(account)
    backend("mwaa", account.plan.settings.region, ACCOUNT).then.clear()
    first = {each.name: each for each in AwsOperations(account.plan).services()}
    states = {name: each.state for name, each in first.items()}
    assert states == {"airflow": "starting", "mlflow": "starting", "pipeline": "running"}
    assert first["airflow"].detail == f"environment {account.plan.name('airflow')} is CREATING"
    second = {each.name: each.state for each in AwsOperations(account.plan).services()}
    assert second["mlflow"] == "running"


def test_a_failed_environment_says_why(account: Account) -> None:
    name = planting.environment(account)
    mwaa = backend("mwaa", account.plan.settings.region, ACCOUNT)
    mwaa.then.clear()
    error = {"ErrorCode": "INCORRECT_CONFIGURATION", "ErrorMessage": "no way to SQS"}
    mwaa.environments[name] |= {"Status": "CREATE_FAILED", "LastUpdate": {"Error": error}}
    (airflow,) = AwsOperations(account.plan).services()
    assert airflow.state == "failed"
    assert "no way to SQS" in airflow.detail


def test_a_tracking_server_is_a_service_and_no_stack_has_none(
    account: Account, other: Plan
) -> None:
    planting.tracking_server(account)
    assert [each.name for each in AwsOperations(account.plan).services()] == ["mlflow"]
    assert AwsOperations(other).services() == []


def log(account: Account, group: str, stream: str, *lines: str, ago: int = 0) -> None:
    """Lines that were written a while ago, a second apart."""
    logs, now = account.client("logs"), int((time.time() - ago) * 1000)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    events = [
        {"timestamp": now + number * 1000, "message": line} for number, line in enumerate(lines)
    ]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


@pytest.fixture
def task_logs(account: Account) -> str:
    group = planting.log_group(account, f"airflow-{account.plan.name('airflow')}-Task")
    log(account, group, "train", "third", "fourth", ago=100)
    log(account, group, "prepare", "first", "second", ago=200)
    return group


@pytest.mark.parametrize("service", ["Task", "task", "airflow"])
def test_the_end_of_a_services_logs_is_in_the_order_of_time(
    account: Account, task_logs: str, service: str
) -> None:
    lines = list(AwsOperations(account.plan).logs(service, 3))
    assert [line.partition(" ")[2] for line in lines] == ["second", "third", "fourth"]
    assert all(line.partition(" ")[0].endswith("Z") for line in lines)


@pytest.mark.usefixtures("task_logs")
def test_of_jobs_the_stacks_own_are_shown(account: Account) -> None:
    group = planting.log_group(account, "/aws/sagemaker/TrainingJobs")
    log(account, group, f"{account.plan.name('job')}-train-1/algo-1", "ours", ago=100)
    log(account, group, "someone-elses/algo-1", "theirs", ago=100)
    (line,) = AwsOperations(account.plan).logs("TrainingJobs", 10)
    assert line.endswith(" ours")


@pytest.mark.usefixtures("task_logs")
def test_logs_of_an_unknown_service_are_refused_with_those_that_there_are(account: Account) -> None:
    with pytest.raises(PilothouseError, match="existing logs: Task"):
        AwsOperations(account.plan).logs("nothing", 5)


def test_backups_are_refused_since_there_are_none(plan: Plan) -> None:
    operations = AwsOperations(plan)
    for ask in (operations.backups, lambda: operations.restore("x")):
        with pytest.raises(Refused, match="no backups"):
            ask()


@pytest.fixture
def contract() -> Contract:
    given: Capability[str] = Capability(uri="s3://data", console="")
    return Contract(storage=given, compute=given, tracking=given, orchestration=given)


def test_garbage_collection_is_refused_since_the_database_is_not_open(
    plan: Plan, contract: Contract
) -> None:
    operations = AwsOperations(plan)
    for ask in (operations.find_garbage, operations.collect_garbage):
        with pytest.raises(Refused, match=r"a managed MLflow does not open: .* stay until"):
            ask(contract, 0)


def test_the_contract_is_accessible_as_it_is(plan: Plan, contract: Contract) -> None:
    with AwsOperations(plan).accessible(contract) as accessible:
        assert accessible == contract


# The command line.


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: pilothouse\n")
    (tmp_path / "platform.yaml").write_text((ROOT / "examples/minimal.yaml").read_text())
    (tmp_path / "stacks").mkdir()
    settings = {"region": "eu-west-1", "accountId": ACCOUNT}
    config = {"config": {"pilothouse:target": "aws", "pilothouse:aws": settings}}
    (tmp_path / "stacks" / "Pulumi.aws.yaml").write_text(yaml.safe_dump(config))
    local = "config: {pilothouse:target: local}\n"
    (tmp_path / "stacks" / "Pulumi.local.yaml").write_text(local)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, arguments)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_the_policy_is_printed_as_json_and_needs_no_credentials(
    project: Path, managed: Managed, more: list[str]
) -> None:
    code, said, _ = run("doctor", "aws", "--policy", "-C", str(project), *more)
    document: dict[str, Any] = json.loads(said)
    assert code == 0
    assert len(document["policies"]) > 1
    assert "eu-west-1" in said
    assert managed.called == []
    assert sorted(path.name for path in project.iterdir()) == [
        *("Pulumi.yaml", "platform.yaml", "stacks"),
    ]


def test_a_policy_of_a_target_that_has_none_is_refused_with_those_that_do(project: Path) -> None:
    code, _, said = run("doctor", "local", "--policy", "-C", str(project))
    assert code == 2
    assert "name a stack on aws" in said


@pytest.mark.parametrize("command", ["preview", "up", "doctor"])
def test_requirements_that_pip_refuses_are_refused_before_the_engine_starts(
    project: Path, command: str
) -> None:
    (project / "requirements.txt").write_text("pandas==2.2.3\n-e .\n")
    file = project / "stacks" / "Pulumi.aws.yaml"
    settings = yaml.safe_load(file.read_text())
    wanted = {"orchestration": {"requirements": "requirements.txt"}}
    settings["config"]["pilothouse:aws"] |= wanted
    file.write_text(yaml.safe_dump(settings))
    code, _, said = run(command, "aws", "-C", str(project))
    assert code == 2
    assert 'requirements.txt:2: found "-e"; put the code into the plugins' in said
    assert "Traceback" not in said
    assert not (project / ".pilothouse").exists()
