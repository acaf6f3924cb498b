"""Pipelines as the tools of their systems read them, and what they run."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from jsonschema import Draft7Validator
from testkit.pipelines import actionlint

from pilothouse import cli
from pilothouse.lifecycle.pipelines.pipeline import AT_EXPIRY
from pilothouse.lifecycle.pipelines.systems import SYSTEMS
from tests.unit.lifecycle.pipelines.conftest import TARGETS, Invoke

CHOSEN = [chosen for count in (1, 2, 3) for chosen in combinations(TARGETS, count)]
FIRST_KEYS = {"bash", "checkout", "deployment", "job", "task"}


def write(ci: Invoke, into: Path, system: str, stacks: Sequence[str], *options: str) -> Path:
    """The pipeline of these stacks in a folder."""
    file = into / SYSTEMS[system].file.name
    named = [part for stack in stacks for part in ("--stack", stack)]
    code, _, said = ci(system, *named, "--output", file, "--force", *options)
    assert code == 0, said
    return file


def scripts(node: object) -> Iterator[str]:
    """Every text of a pipeline that can be a script."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for each in node.values():
            yield from scripts(each)
    elif isinstance(node, Sequence):
        for each in node:
            yield from scripts(each)


def steps(node: object) -> Iterator[Mapping[str, Any]]:
    """The jobs and the steps of a pipeline for Azure DevOps."""
    if isinstance(node, Mapping):
        if FIRST_KEYS & node.keys():
            yield node
        for each in node.values():
            yield from steps(each)
    elif isinstance(node, list):
        for each in node:
            yield from steps(each)


def known_tasks(node: Any) -> Any:
    """The schema knows no task of an extension: a script in a built-in task stands for it."""
    if isinstance(node, list):
        return [known_tasks(each) for each in node]
    if not isinstance(node, dict):
        return node
    if node.get("task") == "AWSShellScript@1":
        script = {"targetType": "inline", "script": node["inputs"]["inlineScript"]}
        return {**node, "task": "Bash@3", "inputs": script}
    return {key: known_tasks(each) for key, each in node.items()}


@pytest.fixture(scope="module")
def linter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return actionlint(tmp_path_factory.mktemp("actionlint"))


def test_github_accepts_the_workflow_of_every_choice_of_stacks(
    ci: Invoke, tmp_path: Path, linter: Path
) -> None:
    for chosen in CHOSEN:
        file = write(ci, tmp_path, "github", chosen)
        done = subprocess.run([linter, file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    file.write_text(file.read_text().replace("runs-on:", "runs-at:", 1))
    assert subprocess.run([linter, file], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    ("system", "schema", "options"),
    [
        ("github", "vendor.github-workflows", ()),
        ("gitlab", "vendor.gitlab-ci", ("--data-transform", "gitlab-ci")),
    ],
)
def test_the_published_schema_accepts_the_pipeline_of_every_choice_of_stacks(
    ci: Invoke, tmp_path: Path, system: str, schema: str, options: Sequence[str]
) -> None:
    files = []
    for chosen in CHOSEN:
        folder = tmp_path / "-".join(chosen)
        folder.mkdir()
        files.append(write(ci, folder, system, chosen))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    files[0].write_text(re.sub("(?m)^( +)(runs-on|stage):", r"\1stages-on:", files[0].read_text()))
    assert subprocess.run([*command, files[0]], capture_output=True, check=False).returncode == 1


def test_the_schema_of_azure_devops_accepts_the_pipeline_of_every_choice_of_stacks(
    ci: Invoke, tmp_path: Path
) -> None:
    """All of its scalars are texts, as in the base schema of YAML."""
    vendored = resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads(vendored.joinpath("azure-pipelines.json").read_text(encoding="utf-8"))
    validator = Draft7Validator(schema)
    for chosen in CHOSEN:
        file = write(ci, tmp_path, "azure-devops", chosen)
        document = yaml.load(file.read_text(), yaml.BaseLoader)  # noqa: S506 - it makes texts alone
        assert not [error.message for error in validator.iter_errors(known_tasks(document))]
        assert {next(iter(step)) for step in steps(document)} <= FIRST_KEYS
    document["jobs"][0]["tasks"] = []
    assert not validator.is_valid(known_tasks(document))


@pytest.mark.parametrize("at_expiry", AT_EXPIRY)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_command_of_a_pipeline_is_one_that_the_command_line_takes(
    ci: Invoke, tmp_path: Path, system: str, at_expiry: str
) -> None:
    stacks = ["kubernetes", "local"] if at_expiry == "pause" else TARGETS
    file = write(ci, tmp_path, system, stacks, "--at-expiry", at_expiry)
    document = yaml.safe_load(re.sub("(?m)!reference", "", file.read_text()))
    found = set()
    for script in scripts(document):
        for line in re.findall(r"(?m)(?:^|--from \"\$PILOTHOUSE\" )(pilothouse [a-z].*)", script):
            words = shlex.split(re.split(" >| \\|\\|", line)[0])
            command = typer.main.get_group(cli.app).commands[words[1]]
            assert command.make_context(words[1], words[2:]).args == []
            found.add(words[1])
    assert found == {"setup", "up", "preview", AT_EXPIRY[at_expiry].split()[0], "down"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_script_is_one_for_the_shell(ci: Invoke, tmp_path: Path, system: str) -> None:
    document = yaml.safe_load(write(ci, tmp_path, system, TARGETS).read_text())
    found = [script for script in scripts(document) if "set -eu\n" in script]
    assert len(found) >= 9
    for script in found:
        done = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
        assert done.returncode == 0, script


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_stack_that_ends_with_its_job_has_one_job_and_needs_nothing(
    ci: Invoke, tmp_path: Path, system: str
) -> None:
    file = tmp_path / "pipeline.yml"
    code, said, _ = ci(system, "--stack", "local", "--output", file, "--json")
    assert (code, json.loads(said)["to_do"]) == (0, [])
    text = file.read_text()
    assert "pilothouse up local --verify || code=$?\n" in text
    assert text.index("pilothouse up local") < text.index("pilothouse down local --yes")
    for unneeded in ("PULUMI_", "preview", "group: pilothouse", "--keep-data"):
        assert unneeded not in text


def test_a_job_logs_in_with_the_rights_of_its_purpose(ci: Invoke, tmp_path: Path) -> None:
    jobs = yaml.safe_load(write(ci, tmp_path, "github", ["aws"]).read_text())["jobs"]
    roles = {
        name: next(s["with"]["role-to-assume"] for s in job["steps"] if "role-to-assume" in str(s))
        for name, job in jobs.items()
    }
    preview, deploy = (f"${{{{ vars.{each}_ROLE_ARN_AWS }}}}" for each in ("PREVIEW", "DEPLOY"))
    assert roles == {
        "preview-aws": preview,
        "up-aws": deploy,
        "expiry-aws": deploy,
        "drift-aws": preview,
    }
    environments = {name: job.get("environment") for name, job in jobs.items()}
    assert environments["up-aws"] == "aws"
    assert environments["expiry-aws"] == "aws-expiry"


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_pipeline_asks_for_a_key_that_lasts(ci: Invoke, tmp_path: Path, system: str) -> None:
    text = write(ci, tmp_path, system, TARGETS).read_text()
    assert not re.search("ACCESS_KEY|SECRET_KEY|access-key", text)


def test_every_action_is_pinned_by_its_commit(ci: Invoke, tmp_path: Path) -> None:
    text = write(ci, tmp_path, "github", TARGETS).read_text()
    used = re.findall("uses: (.*)", text)
    assert used
    assert [each for each in used if not re.fullmatch(r"\S+@[0-9a-f]{40}  # v[0-9.]+", each)] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_name_of_a_stack_stays_a_text(
    ci: Invoke, project: Path, tmp_path: Path, system: str
) -> None:
    stacks = project / "stacks"
    (stacks / "Pulumi.07.yaml").write_text((stacks / "Pulumi.aws.yaml").read_text())
    document = yaml.safe_load(write(ci, tmp_path, system, ["07"]).read_text())
    assert "07" in set(scripts(document))
