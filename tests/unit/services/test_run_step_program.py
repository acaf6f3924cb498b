"""The program that runs a step: what the command gets, what is handed on, and its exit codes."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from moto import mock_aws
from moto.server import ThreadedMotoServer
from testkit.support.waiting import eventually

from pilothouse.services import workload
from pilothouse.services.programs import run_step
from pilothouse.services.programs.run_step import InvalidRunError, Store, expand, read_run

DIGEST, TOKEN = "0123456789ab", "run-20261127-101112-0a1b"
LOOK = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"
DEFINITION: dict[str, Any] = {
    "parameters": {"region": "eu", "epochs": 3, "deep": False},
    "steps": {
        "features": {"command": ["sh", "-c", "mkdir $OUTPUTS/a; printf 1 > $OUTPUTS/a/f.csv"]},
        "train": {"command": ["sh", "-c", "cat $INPUTS/features/a/f.csv"], "needs": ["features"]},
    },
}


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of an S3 store."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Steps:
    """Runs steps as Airflow's task does, with a package that is delivered."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.defpath,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": store,
            "DATA_URI": "s3://pilot-data/team",
            "TMPDIR": str(folder),
            "SECRET_FREE": "of the contract",
        }
        self.options: Sequence[str | Path] = (
            *("--environments", folder),
            *("--delivered", folder / "delivered.json"),
        )
        (folder / f"team-{DIGEST}" / "bin").mkdir(parents=True)
        self.deliver({"WAREHOUSE_URL": "secret-of-a-test"})
        client = boto3.client("s3", endpoint_url=store, **_KEYS)
        client.create_bucket(Bucket="pilot-data")
        self.bucket = boto3.resource("s3", endpoint_url=store, **_KEYS).Bucket("pilot-data")

    def deliver(self, secrets: Mapping[str, str]) -> None:
        text = json.dumps({"package": DIGEST, "secrets": secrets})
        (self.folder / "delivered.json").write_text(text, encoding="utf-8")

    def start(
        self, step: str, *, own: Mapping[str, Any] | None = None, **conf: Any
    ) -> subprocess.Popen[str]:
        given = {**conf, **({"pilothouse": own} if own is not None else {})}
        (self.folder / "steps.json").write_text(json.dumps(_complete(DEFINITION)))
        command = [
            *(sys.executable, run_step.__file__),
            *self.options,
            *(self.folder / "steps.json", step),
        ]
        document = json.dumps({"id": TOKEN, "conf": given})
        return subprocess.Popen(
            [str(part) for part in command],
            env={**self.environment, "RUN": document},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, step: str, *, expect: int = 0, **given: Any) -> list[str]:
        """What the step said; it must end with this exit code."""
        with self.start(step, **given) as process:
            said, _ = process.communicate(timeout=60)
        assert process.returncode == expect, said
        return said.splitlines()

    def keys(self) -> list[str]:
        return [found.key for found in self.bucket.objects.all()]


_KEYS: dict[str, Any] = {
    "aws_access_key_id": "key",
    "aws_secret_access_key": "secret",
    "region_name": "us-east-1",
}


def _complete(definition: Mapping[str, Any]) -> dict[str, Any]:
    steps = {name: {"needs": [], **step} for name, step in definition["steps"].items()}
    return {**definition, "steps": steps}


@pytest.fixture
def steps(tmp_path: Path, store: str) -> Iterator[Steps]:
    made = Steps(tmp_path, store)
    yield made
    made.bucket.objects.all().delete()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("tmp")] == []


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step `look` prints its arguments and its environment."""
    command = [sys.executable, "-c", LOOK, "--region", "$(PARAM_REGION)"]
    monkeypatch.setitem(DEFINITION["steps"], "look", {"command": command})


@pytest.mark.usefixtures("looking")
def test_a_command_gets_the_contract_parameters_and_secrets(steps: Steps) -> None:
    said = steps.run("look", region="us", deep=True)
    arguments, environment = json.loads(said[1])
    assert arguments == ["--region", "us"]
    expected = {
        "SECRET_FREE": "of the contract",
        "WAREHOUSE_URL": "secret-of-a-test",
        "RUN_TOKEN": TOKEN,
        "STEP": "look",
        "PARAM_REGION": "us",
        "PARAM_EPOCHS": "3",
        "PARAM_DEEP": "true",
    }
    assert {name: environment[name] for name in expected} == expected
    assert json.loads(environment["PARAMETERS"]) == {"region": "us", "epochs": 3, "deep": True}
    assert environment["PATH"].startswith(f"{steps.folder}/team-{DIGEST}/bin:")
    assert "RUN" not in environment


def test_what_a_step_writes_is_what_the_next_one_finds(steps: Steps) -> None:
    said = steps.run("features")
    assert steps.keys() == [f"team/runs/{TOKEN}/outputs/features/a/f.csv"]
    assert (said[0], said[-1]) == (workload.BEGINS, f"{workload.ENDS}: exit code 0")
    assert steps.run("train")[1:3] == [
        "pilothouse: 1 files of features",
        "1pilothouse: 0 files handed on",
    ]


def test_a_step_finds_what_the_named_run_wrote(steps: Steps) -> None:
    steps.run("features")
    own = {"token": "run-another", "inputs": TOKEN, "steps": ["train"]}
    assert "1pilothouse: 0 files handed on" in steps.run("train", own=own)


def test_a_repeated_step_leaves_nothing_of_the_try_before(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.run("features")
    monkeypatch.setitem(
        DEFINITION["steps"], "features", {"command": ["sh", "-c", "printf 2 > $OUTPUTS/g.csv"]}
    )
    steps.run("features")
    assert steps.keys() == [f"team/runs/{TOKEN}/outputs/features/g.csv"]


@pytest.mark.parametrize(
    ("command", "code"),
    [("exit 7", 7), ("exit 99", 1), ("kill -TERM $$", 143), ("printf x > $OUTPUTS/x; exit 3", 3)],
)
def test_a_failed_command_fails_the_step_and_hands_nothing_on(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    monkeypatch.setitem(DEFINITION["steps"], "bad", {"command": ["sh", "-c", command]})
    assert steps.run("bad", expect=code)[-1] == f"{workload.ENDS}: exit code {code}"
    assert steps.keys() == []


def test_a_step_that_the_run_did_not_ask_for_is_skipped(steps: Steps) -> None:
    said = steps.run("features", expect=99, own={"steps": ["train"]})
    assert "pilothouse: the run asked for train only" in said
    assert steps.keys() == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"regio": "us"}, "no parameter regio"),
        ({"own": {"token": "../x"}}, "token '../x'"),
        ({"own": {"inputs": "A"}}, "inputs 'A'"),
        ({"own": {"package": "../../etc"}}, "package '../../etc'"),
        ({"own": {"package": "ba9876543210"}}, "no environment"),
    ],
)
def test_a_run_that_is_not_valid_runs_nothing(
    steps: Steps, given: dict[str, Any], said: str
) -> None:
    assert said in "\n".join(steps.run("features", expect=2, **given))
    assert steps.keys() == []


def test_without_a_delivery_the_step_says_so(steps: Steps) -> None:
    (steps.folder / "delivered.json").unlink()
    assert "no package is delivered yet" in steps.run("features", expect=2)[1]


def test_without_the_program_the_step_names_it(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DEFINITION["steps"], "bad", {"command": ["churm"]})
    assert "no program 'churm'" in steps.run("bad", expect=2)[1]


def test_a_sigterm_ends_the_command_and_removes_its_folder(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = {
        "command": [sys.executable, "-c", "import time; print('on', flush=True); time.sleep(60)"]
    }
    monkeypatch.setitem(DEFINITION["steps"], "slow", slow)
    with steps.start("slow") as process:
        assert process.stdout
        while process.stdout.readline() != "on\n":
            pass
        (child,) = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert process.returncode == 128 + signal.SIGTERM
    eventually(lambda: not child.is_running(), seconds=5)


@pytest.mark.parametrize(
    ("word", "expanded"),
    [
        ("$(A)-$(A)", "1-1"),
        ("$(B)", "$(B)"),
        ("$$(A)", "$(A)"),
        ("$A ${A} $(A", "$A ${A} $(A"),
    ],
)
def test_references_are_expanded_once(word: str, expanded: str) -> None:
    assert expand([word], {"A": "1"}) == [expanded]


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("scheduled__2026-11-27T06:00:00+00:00", "scheduled-2026-11-27t06-00-00-00-00"),
        ("manual__" + "x" * 100, "manual-" + "x" * 56),
    ],
)
def test_a_run_that_airflow_began_has_a_token_of_its_id(name: str, token: str) -> None:
    run = read_run({"id": name, "conf": {}}, _complete(DEFINITION))
    assert (run.token, run.inputs, run.steps) == (token, token, ["features", "train"])


def test_a_key_that_leads_out_of_the_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**_ENVIRONMENT}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="pilot")
        boto3.client("s3").put_object(
            Bucket="pilot", Key=f"runs/{TOKEN}/outputs/a/../../x", Body=b""
        )
        with pytest.raises(InvalidRunError, match="leads out of the folder"):
            Store("s3://pilot").fetch(TOKEN, "a", tmp_path / "inputs")
    assert list(tmp_path.iterdir()) == []


_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def test_program_and_client_agree_on_what_they_say_to_each_other() -> None:
    names: Sequence[tuple[object, object]] = (
        (run_step.BEGINS, workload.BEGINS),
        (run_step.ENDS, workload.ENDS),
        (run_step.OWN, workload.CONF_KEY),
    )
    assert all(own == other for own, other in names)


@pytest.fixture
def packed(steps: Steps, tmp_path: Path) -> Steps:
    """The steps of containers: their package is an archive in the bucket."""
    steps.options = ()
    write_archive(steps, tmp_path / "archive")
    return steps


def write_archive(steps: Steps, folder: Path, **about: str) -> None:
    """An archive of this interpreter's, with a module and two programs, as the current one."""
    packages = folder / "site-packages"
    (packages / "bin").mkdir(parents=True, exist_ok=True)
    (packages / "churn.py").write_text("NAME = 'churn of the archive'\n")
    (packages / "bin" / "churn").write_text(
        "#!/elsewhere/python3\nimport churn\nprint(churn.NAME)\n"
    )
    (packages / "bin" / "shell").write_text("#!/bin/sh\necho of a shell\n")
    for program in (packages / "bin").iterdir():
        program.chmod(0o755)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    here = {"python": version, "machine": platform.machine(), **about}
    (folder / "package.json").write_text(json.dumps(here))
    with tarfile.open(folder / "made.tar.gz", "w:gz") as tar:
        for name in ("site-packages", "package.json"):
            tar.add(folder / name, name)
    steps.bucket.upload_file(str(folder / "made.tar.gz"), f"team/packages/{DIGEST}.tar.gz")
    current = json.dumps({"package": DIGEST}).encode()
    steps.bucket.put_object(Key="team/packages/current.json", Body=current)


@pytest.mark.parametrize("own", [{}, {"package": DIGEST}])
def test_a_package_of_the_bucket_is_unpacked_with_its_programs(
    packed: Steps, monkeypatch: pytest.MonkeyPatch, own: dict[str, str]
) -> None:
    monkeypatch.setitem(DEFINITION["steps"], "packed", {"command": ["churn"]})
    monkeypatch.setitem(DEFINITION["steps"], "shell", {"command": ["shell"]})
    assert packed.run("packed", own=own)[1] == "churn of the archive"
    assert packed.run("shell", own=own)[1] == "of a shell"


def test_a_definition_may_have_a_newest_package_of_its_own(
    packed: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DEFINITION["steps"], "packed", {"command": ["churn"]})
    monkeypatch.setitem(DEFINITION, "current", "packages/proof.json")
    said = packed.run("packed", expect=2)
    assert "no package packages/proof.json in the store" in said[1]
    current = json.dumps({"package": DIGEST}).encode()
    packed.bucket.put_object(Key="team/packages/proof.json", Body=current)
    assert packed.run("packed")[1] == "churn of the archive"


def test_a_package_that_is_not_in_the_bucket_is_named(packed: Steps) -> None:
    said = packed.run("features", expect=2, own={"package": "ba9876543210"})
    assert "no package ba9876543210 in the store" in said[1]


@pytest.mark.parametrize("about", [{"python": "3.9"}, {"machine": "aarch64"}])
def test_a_package_for_another_image_is_refused(
    packed: Steps, tmp_path: Path, about: dict[str, str]
) -> None:
    write_archive(packed, tmp_path / "archive", **about)
    (wanted,) = about.values()
    said = packed.run("features", expect=2)[1]
    assert f"the package is for {next(iter(about))} {wanted}, and this image has" in said


def variables(**changed: str) -> dict[str, str]:
    """What a service gives that has no room for a document."""
    given = {"RUN_ID": "a1b2c3d4e5f6", "RUN_PACKAGE": "current", "RUN_INPUTS": "own"}
    parameters = {"PARAM_REGION": "us", "PARAM_EPOCHS": "5", "PARAM_DEEP": "True"}
    return given | parameters | changed


def test_a_run_in_variables_has_parameters_of_their_types() -> None:
    definition = _complete(DEFINITION)
    known = variables(OTHER="stays")
    run = read_run(run_step.document_of(known, definition), definition)
    assert run.parameters == {"region": "us", "epochs": 5, "deep": True}
    assert (run.token, run.inputs, run.package) == ("a1b2c3d4e5f6", "a1b2c3d4e5f6", "")
    assert not {"RUN_ID", "RUN_PACKAGE", "RUN_INPUTS"} & known.keys()
    other = variables(RUN_INPUTS="f6e5d4c3b2a1", RUN_PACKAGE=DIGEST)
    run = read_run(run_step.document_of(other, definition), definition)
    assert (run.inputs, run.package) == ("f6e5d4c3b2a1", DIGEST)


@pytest.mark.parametrize("changed", [{"PARAM_EPOCHS": "many"}, {"PARAM_DEEP": "1"}])
def test_a_parameter_in_a_variable_of_another_type_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(InvalidRunError, match="is needed"):
        run_step.document_of(variables(**changed), _complete(DEFINITION))


def test_secrets_are_read_from_a_document_and_a_missing_one_is_named() -> None:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        client = boto3.client("secretsmanager", **_KEYS)
        client.create_secret(Name="warehouse", SecretString='{"URL": "x", "PORT": 1}')
        assert run_step.read_secrets("warehouse", ["URL"]) == {"URL": "x"}
        with pytest.raises(InvalidRunError, match="has no text PORT, KEY"):
            run_step.read_secrets("warehouse", ["URL", "PORT", "KEY"])
        with pytest.raises(InvalidRunError, match="secret none"):
            run_step.read_secrets("none", ["URL"])
