"""`pulumi new` from the template makes what `pilothouse init` makes."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from pilothouse.lifecycle.new_project import files
from pilothouse.lifecycle.new_project.answers import Answers
from pilothouse.program.load import plan_of_files

pytestmark = pytest.mark.engine

TEMPLATE = Path(__file__).parents[3] / "examples" / "template"
ANSWERS = Answers(name="churn", owner="ml-team", expires=date(2027, 12, 31), targets=("local",))


def test_a_project_of_the_template_is_that_of_init(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    environment = os.environ | {"PULUMI_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    subprocess.run(
        ["pulumi", "new", "--generate-only", "--yes", "--name", "churn", str(TEMPLATE)],
        cwd=project,
        env=environment | {"PULUMI_BACKEND_URL": tmp_path.as_uri()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    wanted = files.of_project(ANSWERS).keys() - {files.LINK}
    assert {path.relative_to(project) for path in project.rglob("*") if path.is_file()} == wanted
    plan = plan_of_files(project, "local", today=date(2026, 12, 1))
    assert (plan.platform.name, plan.platform.owner, plan.target) == ("churn", "ml-team", "local")
    files.link_environment(project)
    assert (project / files.LINK).is_symlink()
