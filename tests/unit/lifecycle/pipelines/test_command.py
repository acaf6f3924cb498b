"""`pilothouse ci`: where it writes, what it says, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from testkit.support.stacks import write_stack_file

from pilothouse.lifecycle.pipelines.systems import SYSTEMS
from tests.unit.lifecycle.pipelines.conftest import TARGETS, Invoke


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_pipeline_is_written_where_its_system_reads_it(
    ci: Invoke, project: Path, system: str
) -> None:
    code, said, _ = ci(system, "--json")
    document = json.loads(said)
    file = project / SYSTEMS[system].file
    assert (code, document["file"], document["changed"]) == (0, str(file), True)
    assert document["stacks"] == TARGETS
    assert any("PULUMI_CONFIG_PASSPHRASE" in line for line in document["to_do"])
    assert any("123456789012" in line for line in document["to_do"])


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_same_input_leaves_the_same_file_alone(ci: Invoke, project: Path, system: str) -> None:
    ci(system)
    file = project / SYSTEMS[system].file
    before = file.read_bytes(), file.stat().st_mtime_ns
    code, said, _ = ci(system, "--json")
    assert (code, json.loads(said)["changed"]) == (0, False)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def test_another_file_in_its_place_stays_unless_that_is_forced(ci: Invoke, project: Path) -> None:
    file = project / ".gitlab-ci.yml"
    file.write_text("mine")
    code, _, said = ci("gitlab")
    assert (code, file.read_text()) == (2, "mine")
    assert f"{file} exists already" in said
    assert "--force" in said
    assert ci("gitlab", "--force")[0] == 0
    assert file.read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gitlob"], 'system: found "gitlob"; did you mean gitlab'),
        (["gitlab", "--stack", "pilto"], 'no file for stack "pilto"'),
        (["gitlab", "--at-expiry", "paus"], 'at-expiry: found "paus"; did you mean pause'),
        (["gitlab", "--output", "/proc/nothing/file"], "nothing was written"),
    ],
)
def test_wrong_input_is_refused_and_nothing_is_written(
    ci: Invoke, project: Path, arguments: list[str], words: str
) -> None:
    code, _, said = ci(*arguments)
    assert code == 2
    assert words in said
    assert not (project / ".gitlab-ci.yml").exists()


def test_a_pause_where_the_target_has_none_is_refused(
    ci: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "what runs there cannot be stopped"
    monkeypatch.setattr("pilothouse.targets.aws.operations.target.AwsOperations.no_pause", reason)
    code, _, said = ci("gitlab", "--at-expiry", "pause")
    assert code == 2
    assert f"stack aws cannot be paused at its expiry: {reason}" in said
    assert not (project / ".gitlab-ci.yml").exists()


def test_stacks_whose_jobs_would_have_the_same_names_are_refused(ci: Invoke, project: Path) -> None:
    stacks = project / "stacks"
    for name in ("a-b", "a.b"):
        shutil.copy(stacks / "Pulumi.local.yaml", stacks / f"Pulumi.{name}.yaml")
    code, _, said = ci("github", "--stack", "a-b", "--stack", "a.b")
    assert code == 2
    assert "the jobs of the stacks a-b and a.b would have the same names" in said
    assert ci("github", "--stack", "a-b", "--stack", "local")[0] == 0


def test_a_project_below_the_root_of_a_repository_is_warned_of(ci: Invoke, project: Path) -> None:
    (project / ".git").rmdir()
    code, said, _ = ci("github")
    assert code == 0
    assert "github reads .github/workflows/pilothouse.yml in the root of a repository alone" in said


def test_the_package_and_the_branch_are_those_of_the_options(ci: Invoke, project: Path) -> None:
    wheel = "./wheels/pilothouse-0.1.0-py3-none-any.whl"
    assert ci("github", "--package", wheel, "--branch", 'release "1"')[0] == 0
    text = (project / SYSTEMS["github"].file).read_text()
    assert f'PILOTHOUSE: "{wheel}"' in text
    assert 'branches: ["release \\"1\\""]' in text


def test_a_target_that_no_job_can_reach_is_refused(ci: Invoke, project: Path) -> None:
    write_stack_file(project, "other", "toy", {})
    code, _, said = ci("gitlab")
    assert code == 2
    assert "stack other is on target toy, which no job of a CI system can reach" in said
    assert not (project / ".gitlab-ci.yml").exists()
