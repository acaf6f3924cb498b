"""The Python language host before the real engine: what a program says, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import typing

import pytest

if typing.TYPE_CHECKING:
    from tests.e2e.engine.conftest import Event, MakeProject, Project

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("own_language_host")]

DYNAMIC = """
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Boxes(ResourceProvider):
    def create(self, props):
        return CreateResult("box-1", {"size": props["size"]})

class Box(Resource):
    size: pulumi.Output[int]

    def __init__(self, name, size):
        super().__init__(Boxes(), name, {"size": size})

pulumi.export("size", Box("box", 3).size)
"""
UP = ("up", "--yes", "--skip-preview")


def messages(events: list[Event], severity: str) -> list[str]:
    found = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    return [diag["message"].strip() for diag in found if diag["severity"] == severity]


def state(project: Project) -> str:
    """The stack's state as it lies on the disk."""
    return (project.folder / "state/.pulumi/stacks/trial/dev.json").read_text(encoding="utf-8")


def test_a_stack_lives_through_all_commands(pulumi_project: MakeProject) -> None:
    options = {"virtualenv": "venv"}  # seen from Pulumi.yaml, not from the program
    runtime = {"name": "python", "options": options}
    project = pulumi_project(DYNAMIC, main="infra", runtime=runtime)
    (project.folder / "venv").symlink_to(sys.prefix)
    assert "2 to create" in project.pulumi("preview").stdout
    assert "size: 3" in project.pulumi(*UP).stdout
    project.pulumi("preview", "--expect-no-changes")
    project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert (
        "2 deleted" in project.pulumi("destroy", "--yes", "--skip-preview", "--run-program").stdout
    )
    assert "box" not in state(project)


def test_output_is_forwarded_line_by_line_and_in_order(pulumi_project: MakeProject) -> None:
    program = """
import sys
for number in range(200):
    print("out", number)
    print("error", number, file=sys.stderr)
print("ünïcode ⛵", end="")
"""
    code, events = pulumi_project(program).preview_events()
    out, error = messages(events, "info"), messages(events, "info#err")
    assert code == 0
    assert out == [*(f"out {number}" for number in range(200)), "ünïcode ⛵"]
    assert error == [f"error {number}" for number in range(200)]


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("import pulumi\nraise pulumi.RunError('the box is full')", "the box is full"),
        ("raise ValueError('the box is round')", "ValueError: the box is round"),
        ("import sys\nsys.exit(3)", "program exited with non-zero exit code: 3"),
        ("import os\nos.kill(os.getpid(), 9)", "ended by a signal: signal: killed"),
    ],
)
def test_a_failing_program_is_told_once(
    pulumi_project: MakeProject, program: str, shown: str
) -> None:
    code, events = pulumi_project(program).preview_events()
    assert code != 0
    errors = "\n".join(messages(events, "error"))
    assert errors.count(shown) == 1
    assert "pulumi-language-python-exec" not in errors, "the host's own frames are no help"


def test_config_and_secrets_reach_the_program_only(pulumi_project: MakeProject) -> None:
    program = """
import pulumi
config = pulumi.Config()
assert config.require("plain") == "open"
assert config.require("hidden") == "s3same" * 2
assert "s3same" not in " ".join(__import__("sys").orig_argv)
pulumi.export("hidden", pulumi.Output.from_input(config.require_secret("hidden")))
print("config is right")
"""
    project = pulumi_project(program)
    project.pulumi("config", "set", "plain", "open")
    project.pulumi("config", "set", "hidden", "--secret", "s3same" * 2)
    done = project.pulumi(*UP)
    assert "config is right" in done.stdout
    assert "s3same" not in done.stdout + done.stderr + state(project)


def test_arguments_of_the_project_reach_the_program(pulumi_project: MakeProject) -> None:
    program = """
import os, pulumi
print(pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization(), os.getcwd())
print(pulumi.runtime.is_dry_run(), pulumi.runtime.get_root_directory())
"""
    project = pulumi_project(program, main="infra")
    _, events = project.preview_events()
    assert messages(events, "info") == [
        f"trial dev organization {project.folder}/infra",
        f"True {project.folder}",
    ]


def test_about_tells_python_and_packages(pulumi_project: MakeProject) -> None:
    project = pulumi_project("")
    about = json.loads(project.pulumi("about", "--json").stdout)
    assert about["runtime"]["language"] == "python"
    assert about["runtime"]["executable"].endswith(".venv/bin/python")
    assert any(package["name"] == "pip" for package in about["dependencies"])


def test_code_generation_says_what_is_missing(pulumi_project: MakeProject) -> None:
    project = pulumi_project("")
    (project.folder / "box.pp").write_text("", encoding="utf-8")
    done = project.pulumi("convert", "--from=pcl", "--language=python", "--out=x", check=False)
    assert done.returncode != 0
    assert "cannot generate" in done.stdout + done.stderr


AUTOMATION = """
import sys
from pulumi import automation, export

def inline():
    print("inline program")
    export("answer", 42)

if sys.argv[1] == "inline":
    stack = automation.create_or_select_stack("auto", project_name="other", program=inline)
else:
    stack = automation.create_or_select_stack("auto", work_dir=".")
result = stack.up(on_output=lambda line: None)
print(result.outputs["answer"].value, result.summary.result)
stack.destroy(on_output=lambda line: None, remove=True)
"""


@pytest.mark.parametrize("kind", ["inline", "local"])
def test_automation_api(pulumi_project: MakeProject, kind: str) -> None:
    project = pulumi_project("import pulumi\npulumi.export('answer', 42)")
    done = subprocess.run(
        [sys.executable, "-c", AUTOMATION, kind],
        cwd=project.folder, env=project.environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "42 succeeded" in done.stdout
