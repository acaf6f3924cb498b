"""The settings of a stack on AWS: what is refused, and how the remedy is said.

What moto itself takes without a word is among it: a zone of nowhere, a class of environment or a
version that MWAA has not, ids of nothing.
"""

import re
from pathlib import Path
from typing import Any, get_args

import botocore.session
import pytest
import yaml

from pilothouse.errors import InvalidInput
from pilothouse.program.load import plan_of_engine, plan_of_files
from pilothouse.targets.aws.settings import instances
from pilothouse.targets.aws.settings.orchestration import EnvironmentClass, Version
from pilothouse.targets.aws.settings.regions import PARTITIONS, WITHOUT_MWAA, Partition
from tests.targets.suite.platforms import EXAMPLES, ROOT, TODAY, project_of

SMALLEST = next(example for example in EXAMPLES if example.stem == "minimal")
USUAL = {"region": "eu-west-1", "accountId": "123456789012"}
VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]


def network(**said: Any) -> dict[str, Any]:
    return {"network": said}


def existing(**said: Any) -> dict[str, Any]:
    given = {"vpcId": VPC, "privateSubnetIds": SUBNETS, **said}
    return network(**{key: value for key, value in given.items() if value is not None})


def mwaa(**said: Any) -> dict[str, Any]:
    return {"orchestration": said}


def configured(option: str, value: Any = "x") -> dict[str, Any]:
    return mwaa(airflowConfiguration={option: value})


def tagged(key: str, value: Any = "x") -> dict[str, Any]:
    return {"tags": {key: value}}


def cidrs(public: list[str] | None, private: list[str] | None, **more: Any) -> dict[str, Any]:
    given = {"publicCidrs": public, "privateCidrs": private, **more}
    return network(**{key: value for key, value in given.items() if value is not None})


KEY_ID = "11111111-2222-3333-4444-555555555555"
MULTI_REGION_KEY = f"arn:aws:kms:eu-west-1:123456789012:key/mrk-{'0' * 32}"


def key_arn(resource: str = f"key/{KEY_ID}", start: str = "arn:aws:kms:eu-west-1") -> str:
    return f"{start}:111122223333:{resource}"


def encrypted(arn: str, **more: Any) -> dict[str, Any]:
    return {"storage": {"keyArn": arn, **more}}


HALF = ["10.42.128.0/18", "10.42.192.0/18"]

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"region": None}, "region: found nothing; write text"),
    ({"region": ""}, "region: found"),
    ({"region": "eu-west-9"}, 'region: found "eu-west-9"; did you mean eu-west-'),
    ({"region": "EU-WEST-1"}, "did you mean eu-west-1?"),
    ({"region": "eu-west-1a"}, "did you mean eu-west-1?"),
    ({"region": "us-gov-west-1"}, "where MWAA is not offered; choose another, or set"),
    ({"accountId": 123456789012}, "accountId: found 123456789012; write the account's 12 digits"),
    ({"accountId": "1234"}, 'accountId: found "1234"; write the account\'s 12 digits in quotes'),
    ({"accountId": "12345678901a"}, "accountId"),
    ({"accountId": "123456789012\n"}, "accountId"),
    ({"account": "123456789012"}, "account: found an unknown key; did you mean accountId?"),
    ({"zones": []}, 'zones: found "";'),
    ({"zones": ["eu-west-1a"]}, 'zones: found "eu-west-1a"; name two different zones, or'),
    ({"zones": ["eu-west-1a", "eu-west-1a"]}, 'zones: found "eu-west-1a, eu-west-1a"; name two'),
    (
        {"zones": ["eu-west-1a", "eu-west-1b", "eu-west-1c"]},
        'found "eu-west-1a, eu-west-1b, eu-west-1c"',
    ),
    ({"zones": ["eu-west-1a", "eu-west-2b"]}, 'found "eu-west-2b"; name zones of eu-west-1'),
    ({"zones": ["eu-west-1a", "eu-west-1z"]}, 'found "eu-west-1z"'),
    ({"zones": ["us-west-2a", "us-west-2-lax-1a"]}, "zones: found"),
    ({"zones": ["euw1-az1", "euw1-az2"]}, 'found "euw1-az1"; name zones of eu-west-1'),
    ({"zones": "eu-west-1a"}, "zones"),
    (network(cidr="10.42.0.0"), "network.cidr: found"),
    (network(cidr="10.42.0.0/15"), 'found "10.42.0.0/15"; choose a network from /16 to /24'),
    (network(cidr="10.42.0.0/25"), "choose a network from /16 to /24"),
    (network(cidr="10.42.0.1/16"), "write a network such as 10.42.0.0/16: 10.42.0.1/16 has host"),
    (network(cidr="10.42.0.300/16"), "network.cidr: found"),
    (network(cidr="8.8.0.0/16"), "choose a network within 10.0.0.0/8, 172.16.0.0/12, 192.168"),
    (network(cidr="fd00::/64"), "network.cidr: found"),
    (network(cidr="172.17.0.0/16"), "choose one that does not overlap 172.17.0.0/16"),
    (network(cidr="0.0.0.0/0"), "network.cidr: found"),
    (cidrs(["10.42.0.0/18"], HALF), "network.publicCidrs"),
    (cidrs(["10.42.0.0/18", "10.42.64.0/18", "10.42.65.0/24"], HALF), "network.publicCidrs"),
    (cidrs(["10.42.0.0/18", "10.42.0.0/18"], HALF), "which overlaps 10.42.0.0/18; choose networks"),
    (cidrs(["10.42.0.0/17", "10.42.64.0/18"], HALF), "10.42.64.0/18, which overlaps 10.42.0.0/17"),
    (cidrs(["10.42.0.0/18", "10.42.128.0/24"], HALF), "which overlaps 10.42.128.0/24"),
    (cidrs(["10.42.0.0/18", "10.43.0.0/18"], HALF), "choose a network within cidr 10.42.0.0/16"),
    (cidrs(["10.42.0.0/29", "10.42.0.8/29"], HALF), "choose a network of /28 or larger"),
    (cidrs(["10.42.0.0/18", "10.42.64.0/18"], None), "privateCidrs: found nothing; name both"),
    (cidrs(None, HALF), "network.publicCidrs: found nothing; name both kinds, or neither"),
    (
        cidrs(["10.42.0.0/18", "10.42.64.0/18"], HALF, egress="endpoints"),
        "publicCidrs: found subnets with egress: endpoints; remove it",
    ),
    (network(egress="public"), "network.egress: found"),
    ({"region": "cn-north-1", **network(egress="endpoints")}, "network.egress: found endpoints"),
    (existing(vpcId="vpc-1"), 'network.vpcId: found "vpc-1"; write a VPC\'s id such as vpc-'),
    (existing(vpcId="vpc-0123456789ABCDEF0"), "network.vpcId: found"),
    (existing(vpcId="subnet-0123456789abcdef0"), "network.vpcId: found"),
    (existing(vpcId=None), "network.vpcId: found nothing with privateSubnetIds; add it"),
    (existing(privateSubnetIds=None), "privateSubnetIds: found nothing with vpcId; add it"),
    (existing(privateSubnetIds=SUBNETS[:1]), "network.privateSubnetIds"),
    (existing(privateSubnetIds=[SUBNETS[0]] * 2), "found subnet-0123456789abcdef0 twice"),
    (existing(privateSubnetIds=[SUBNETS[0], VPC]), "write a subnet's id such as subnet-"),
    (existing(privateSubnetIds=[*SUBNETS, "subnet-0123456789abcdef2"]), "privateSubnetIds"),
    (existing(cidr="10.42.0.0/16"), "network.cidr: found a network of its own with vpcId"),
    (existing(egress="nat"), "network.egress: found a network of its own with vpcId; remove it"),
    (
        {"zones": ["eu-west-1a", "eu-west-1b"], **existing()},
        "zones: found zones with network.vpcId",
    ),
    ({"storage": {"encryption": "aes"}}, "storage.encryption"),
    ({"storage": {"bucket": "MyBucket"}}, "storage.bucket: found an unknown key"),
    (encrypted("key-1"), "storage.keyArn: found"),
    (encrypted(f"{key_arn()}\n"), "write the ARN of a KMS key, such as arn:aws:kms:"),
    (
        encrypted(key_arn("alias/central")),
        "write the ARN of the key that it points to now: `aws kms",
    ),
    (
        encrypted("alias/central"),
        'found the alias "alias/central"; write the ARN of the key',
    ),
    (encrypted(KEY_ID), f'keyArn: found the id "{KEY_ID}"; write the key\'s whole ARN'),
    (
        encrypted(key_arn(start="arn:aws:kms:us-east-1")),
        "name a key in eu-west-1, whose ARN",
    ),
    (encrypted(key_arn(start="arn:aws-cn:kms:eu-west-1")), "begins with arn:aws:kms:eu-west-1:"),
    (encrypted(key_arn(), encryption="s3"), "keyArn: found a KMS key with encryption: s3; remove"),
    (encrypted(MULTI_REGION_KEY), "storage.keyArn: found a multi-Region key, which MWAA does not"),
    ({"tracking": {"server": "mlflow"}}, "tracking.server"),
    ({"tracking": {"size": "Small"}}, 'tracking.size: found "Small" with server: app; remove it'),
    ({"tracking": {"server": "tracking-server", "size": "small"}}, "did you mean Small?"),
    (mwaa(version="3.2.0"), "orchestration.version: found"),
    (mwaa(version="2.9.3"), "did you mean 2.9.2?"),
    (mwaa(version=3), "orchestration.version"),
    (mwaa(environmentClass="mw1.huge"), "orchestration.environmentClass"),
    (mwaa(environmentClass="mw2.small"), "did you mean mw1.small?"),
    (mwaa(minWorkers=0), "orchestration.minWorkers"),
    (mwaa(maxWorkers=26), "orchestration.maxWorkers"),
    (mwaa(minWorkers=3, maxWorkers=2), "maxWorkers: found 2 below minWorkers 3; raise it"),
    (mwaa(environmentClass="mw1.micro", maxWorkers=2), "maxWorkers: found 2 with mw1.micro; set 1"),
    (mwaa(environmentClass="mw1.micro", minWorkers=2), "minWorkers: found 2 with mw1.micro"),
    (configured("parallelism"), 'found "parallelism"; write <section>.<option>'),
    (configured("core.Parallelism"), "write <section>.<option> as in airflow.cfg"),
    (configured("core." + "x" * 60), "write <section>.<option> as in airflow.cfg"),
    (configured("core.parallelism", 32), "orchestration.airflowConfiguration.core.parallelism"),
    (configured("core.executor"), "airflowConfiguration.core.executor: found"),
    (configured("core.fernet_key_secret"), "remove it: MWAA sets it"),
    (configured("database.sql_alchemy_conn_cmd"), "remove it: MWAA sets it"),
    (configured("celery.broker_url"), "remove it: MWAA sets it"),
    (configured("logging.remote_logging", "False"), "remove it: MWAA sets it"),
    (configured("smtp.smtp_password"), "secrets.backend and smtp.smtp_password_secret"),
    (configured("smtp.smtp_password_cmd"), "secrets.backend and smtp.smtp_password_secret"),
    (configured("api_auth.jwt_secret"), "secrets.backend and api_auth.jwt_secret_secret"),
    (configured("sentry.sentry_dsn"), "secrets.backend and sentry.sentry_dsn_secret"),
    (configured("api.url", "https://me:pass@example.org"), "found a URL with credentials in"),
    (configured("core.lines", "a\nb"), "printable ASCII characters on one line"),
    (
        mwaa(requirements="/etc/requirements.txt"),
        "write a path below the project's folder",
    ),
    (mwaa(requirements="../requirements.txt"), "orchestration.requirements: found"),
    (mwaa(plugins="~/plugins"), "orchestration.plugins: found"),
    (mwaa(startupScript=""), "orchestration.startupScript: found"),
    (mwaa(constraints="c.txt"), "requirements: found nothing with constraints; add it: the file"),
    (mwaa(kind="pipelines"), "orchestration.kind: found an unknown key"),
    ({"compute": {"instanceType": "m5.large"}}, "write an instance type of SageMaker such as ml."),
    ({"compute": {"instanceType": "ml.m5"}}, "compute.instanceType"),
    ({"compute": {"instanceType": "ml.m5.huge"}}, "compute.instanceType"),
    ({"compute": {"instanceType": "ml.m5.0xlarge"}}, "compute.instanceType"),
    ({"compute": {"image": "team/workload:1"}}, "compute.image: found"),
    ({"compute": {"image": "a" * 129}}, "compute.image: found"),
    ({"compute": {"image": ".hidden"}}, "compute.image: found"),
    ({"compute": {"domain": "yes"}}, 'compute.domain: found "yes"; write true or false'),
    ({"budget": {"scope": "everything"}}, "budget.scope"),
    ({"budget": {"emails": []}}, "budget.emails"),
    ({"budget": {"emails": ["ml-team"]}}, "write an e-mail address such as"),
    (tagged("aws:created"), "tags.aws:created: found"),
    (tagged("pilothouse-stack"), "tags.pilothouse-stack: found"),
    (tagged("Name"), "choose another key: aws: is AWS's, pilothouse- and Name are the platform's"),
    (tagged("k" * 129), "write a key of up to 128"),
    (tagged("team", "v" * 257), "write a value of up to 256"),
    (tagged("team", "a;b"), "tags.team: found"),
    (tagged("team", 7), "tags.team"),
    ({"tags": {f"t{n}": "x" for n in range(41)}}, "tags: found 41 tags; keep at most 40"),
    (
        {"tags": {"Owner": "a", "owner": "b"}},
        'tags.owner: found "owner" beside "Owner"; keep one of them',
    ),
    ({"iam": {"path": "pilots"}}, "iam.path: found"),
    ({"iam": {"path": "/pilots"}}, "begins and ends with a slash, such as /pilots/"),
    ({"iam": {"path": "//"}}, "iam.path: found"),
    ({"iam": {"permissionsBoundary": "Boundary"}}, "iam.permissionsBoundary: found"),
    (
        {"iam": {"permissionsBoundary": "arn:aws:iam::210987654321:policy/Boundary"}},
        "iam.permissionsBoundary: found",
    ),
    (
        {"iam": {"permissionsBoundary": "arn:aws-us-gov:iam::123456789012:policy/Boundary"}},
        "name a policy of account 123456789012 in partition aws",
    ),
    ({"profile": "work"}, "profile: found an unknown key"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_of(SMALLEST, tmp_path)


def settings_of(project: Path, given: dict[str, Any]) -> Any:
    said = {**USUAL, **given}
    planned = plan_of_engine(project, "pilot", target="aws", settings=said, today=TODAY)
    return planned.settings


@pytest.mark.parametrize("given", [{"version": "3.0.6"}, {"maxWorkers": 2}, {"plugins": "p"}])
def test_settings_of_mwaa_are_refused_with_another_engine(
    project: Path, given: dict[str, Any]
) -> None:
    choose_engine(project, "managed")
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, mwaa(**given))
    (key,) = given
    assert (
        f"orchestration.{key}: found a setting of MWAA with orchestration.engine: managed; "
        "remove it, or set orchestration.engine: airflow in platform.yaml"
    ) in str(caught.value)


def test_a_multi_region_key_will_do_for_the_managed_engine(project: Path) -> None:
    choose_engine(project, "managed")
    given = settings_of(project, encrypted(MULTI_REGION_KEY))
    assert given.storage.key_arn == MULTI_REGION_KEY


def test_a_key_of_another_account_is_taken(project: Path) -> None:
    assert settings_of(project, encrypted(key_arn(), encryption="kms")).storage.key_arn == key_arn()


def test_a_region_without_mwaa_will_do_for_the_managed_engine(project: Path) -> None:
    choose_engine(project, "managed")
    assert settings_of(project, {"region": "us-gov-west-1"}).region == "us-gov-west-1"


def choose_engine(project: Path, engine: str) -> None:
    with (project / "platform.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\norchestration: {{engine: {engine}}}\n")


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) >= 40


@pytest.mark.parametrize(("given", "words"), WRONG, ids=[str(given)[:80] for given, _ in WRONG])
def test_it_is_refused_where_it_stands(project: Path, given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, given)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        configured("smtp.smtp_password", "hunter2"),
        configured("smtp.smtp_password", 4711),
        configured("api.url", "https://me:hunter2@example.org"),
        configured("core.lines", "hunter2\n"),
    ],
)
def test_the_value_of_a_refused_option_is_not_shown(project: Path, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, given)
    assert "hunter2" not in str(caught.value)
    assert "4711" not in str(caught.value)


def test_options_of_airflow_that_a_team_may_set_are_taken(project: Path) -> None:
    options = {
        "core.default_task_retries": "2",
        "core.sensitive_var_conn_names": "token",
        "secrets.backend": "airflow.providers.amazon.aws.secrets.secrets_manager"
        ".SecretsManagerBackend",
        "smtp.smtp_password_secret": "smtp-password",
    }
    settings = settings_of(project, mwaa(airflowConfiguration=options))
    assert settings.orchestration.airflow_configuration == options


def test_the_partitions_with_budgets_are_those_of_the_sdk() -> None:
    sdk = botocore.session.get_session()
    served = {
        partition.name: bool(
            sdk.get_available_regions("budgets", partition.name, allow_non_regional=True)
        )
        for partition in PARTITIONS
    }
    assert served == {partition.name: partition.budgets for partition in PARTITIONS}


def test_the_form_of_an_option_is_within_that_of_the_api() -> None:
    model = botocore.session.get_session().get_service_model("mwaa")
    key, value = (model.shape_for(name).metadata for name in ("ConfigKey", "ConfigValue"))
    assert (key["max"], value["max"], value["pattern"]) == (64, 65536, "[ -~]+")
    assert re.fullmatch(key["pattern"], "core.default_task_retries")


@pytest.mark.parametrize("key", ["region", "accountId"])
def test_region_and_account_must_be_said(project: Path, key: str) -> None:
    said = {name: value for name, value in USUAL.items() if name != key}
    with pytest.raises(InvalidInput, match=f"{key}: found nothing; add it: "):
        plan_of_engine(project, "pilot", target="aws", settings=said, today=TODAY)


def test_nothing_else_need_be_said(project: Path) -> None:
    settings = settings_of(project, {})
    assert settings.zone_names == ["eu-west-1a", "eu-west-1b"]
    assert settings.network.public() == ["10.42.0.0/18", "10.42.64.0/18"]
    assert settings.network.private() == ["10.42.128.0/18", "10.42.192.0/18"]
    assert settings.has_key


def test_a_refusal_names_the_file_the_line_and_the_key(project: Path) -> None:
    stack = project / "stacks" / "Pulumi.pilot.yaml"
    stack.parent.mkdir()
    said = {**USUAL, "network": {"cidr": "10.42.0.0/25"}}
    config = {"pilothouse:target": "aws", "pilothouse:aws": said}
    stack.write_text(yaml.safe_dump({"config": config}))
    line = stack.read_text().splitlines().index("      cidr: 10.42.0.0/25") + 1
    with pytest.raises(InvalidInput) as caught:
        plan_of_files(project, "pilot", today=TODAY)
    (problem,) = caught.value.problems
    assert (problem.line, problem.found) == (line, '"10.42.0.0/25"')
    assert problem.key == "config.pilothouse:aws.network.cidr"


def with_gpus(tmp_path: Path, number: int) -> Path:
    project = project_of(SMALLEST, tmp_path / "gpus")
    with (project / "platform.yaml").open("a") as file:
        file.write(f"compute:\n  gpus: {number}\n")
    return project


@pytest.mark.parametrize(
    ("gpus", "instance_type"), [(1, "ml.m5.large"), (2, "ml.g5.xlarge"), (8, "ml.g5.12xlarge")]
)
def test_a_machine_without_the_gpus_is_refused(
    tmp_path: Path, gpus: int, instance_type: str
) -> None:
    project = with_gpus(tmp_path, gpus)
    with pytest.raises(InvalidInput) as caught:
        settings_of(project, {"compute": {"instanceType": instance_type}})
    found = f'compute.instanceType: found "{instance_type}" with compute.gpus: {gpus}'
    assert found in str(caught.value)
    assert f"such as {instances.choose('small', gpus)}" in str(caught.value)


@pytest.mark.parametrize(
    ("gpus", "instance_type"), [(1, "ml.g5.xlarge"), (4, "ml.g5.12xlarge"), (8, "ml.p4d.24xlarge")]
)
def test_a_machine_with_the_gpus_will_do(tmp_path: Path, gpus: int, instance_type: str) -> None:
    settings = settings_of(with_gpus(tmp_path, gpus), {"compute": {"instanceType": instance_type}})
    assert settings.compute.instance_type == instance_type


@pytest.mark.parametrize("gpus", range(1, 9))
def test_the_usual_machine_has_the_gpus(gpus: int) -> None:
    assert instances.gpus(instances.choose("small", gpus)) >= gpus


@pytest.mark.parametrize(
    ("size", "said", "parallelism", "expected"),
    [
        ("small", {}, 4, (1, 1)),
        ("small", {}, 16, (1, 4)),
        ("large", {}, 48, (1, 3)),
        ("small", {"minWorkers": 3}, 4, (3, 3)),
        ("small", {"maxWorkers": 2}, 64, (1, 2)),
        ("small", {"environmentClass": "mw1.micro"}, 64, (1, 1)),
    ],
)
def test_there_are_as_many_workers_as_tasks_need(
    project: Path, size: str, said: Any, parallelism: int, expected: tuple[int, int]
) -> None:
    orchestration = settings_of(project, mwaa(**said)).orchestration
    assert orchestration.workers(size, parallelism) == expected


def test_the_regions_are_those_of_the_sdk() -> None:
    session = botocore.session.Session()
    for partition in PARTITIONS:
        known = set(session.get_available_regions("ec2", partition.name))
        assert partition.regions == known
    served = {
        region
        for partition in PARTITIONS
        for region in session.get_available_regions("mwaa", partition.name)
    }
    assert {r for p in PARTITIONS for r in p.regions} - served == WITHOUT_MWAA


@pytest.mark.parametrize("partition", PARTITIONS, ids=lambda partition: partition.name)
def test_schedules_are_offered_wherever_a_stack_may_be(partition: Partition) -> None:
    session = botocore.session.get_session()
    assert partition.regions <= {*session.get_available_regions("scheduler", partition.name)}


def enumerated(service: str, operation: str, member: str) -> set[str]:
    model: Any = botocore.session.Session().get_service_model(service)
    shape = model.operation_model(operation).input_shape.members[member]
    words = re.search(
        r"Valid values: (.*?)\.(?:<|\s|$)", re.sub("</?code>", "", shape.documentation)
    )
    assert words
    return {word for word in re.split(r",? and |, ", words[1]) if word}


def test_the_versions_and_classes_are_those_that_the_sdk_tells_of() -> None:
    versions = enumerated("mwaa", "CreateEnvironment", "AirflowVersion")
    classes = enumerated("mwaa", "CreateEnvironment", "EnvironmentClass")
    assert versions == set(get_args(Version))
    assert classes == set(get_args(EnvironmentClass))


def test_every_machine_of_the_sdk_is_of_the_form() -> None:
    model: Any = botocore.session.Session().get_service_model("sagemaker")
    known = model.shape_for("TrainingInstanceType").enum
    assert len(known) > 100
    assert [name for name in known if not re.fullmatch(instances.TYPE, name)] == []
    usual = {*instances.BY_SIZE.values(), *instances.BY_GPUS.values()}
    assert usual <= set(known) & set(model.shape_for("ProcessingInstanceType").enum)


def test_what_the_manual_shows_is_accepted(project: Path) -> None:
    manual = (ROOT / "docs/aws-settings.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```yaml\n(.*?)^```", manual, flags=re.DOTALL | re.MULTILINE)
    assert len(shown) >= 4
    for text in shown:
        given = yaml.safe_load(text)
        config = given.get("config", {"pilothouse:aws": given})
        assert settings_of(project, config["pilothouse:aws"])
