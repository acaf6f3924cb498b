"""`pilothouse render`: the stack's objects as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pilothouse import targets
from pilothouse.lifecycle.rendering.render import render
from pilothouse.lifecycle.report import Report, plural
from pilothouse.plan import Plan


def run(plan: Plan, report: Report, folder: Path, *, generate_secrets: bool, force: bool) -> None:
    """Render the stack to `folder`; Refused where something in it would be lost."""
    rendered = render(plan, folder, generate_secrets=generate_secrets, force=force)
    rendering = rendered.rendering
    warnings = [*rendering.warnings, *_missing(plan)]
    report.warnings(warnings)
    if generate_secrets:
        report.say("the files contain real secrets: only you can read the folder, keep it that way")
    else:
        count = plural(len(rendering.placeholders), "placeholder")
        report.say(f"{count} such as {rendering.placeholders[0]}")
    report.say(
        f"{plan.stack} is rendered to {rendered.folder}: {plural(len(rendering.files), 'object')}, "
        f"{plural(len(rendered.changed), 'file')} new, changed or removed"
    )
    report.document(
        {
            "folder": str(rendered.folder),
            "files": list(rendering.files),
            "changed": rendered.changed,
            "placeholders": rendering.placeholders,
            "warnings": warnings,
        }
    )


def _missing(plan: Plan) -> Iterator[str]:
    """What an `up` gives to a stack besides its objects."""
    platform, airflow = plan.platform, plan.platform.orchestration
    operations = targets.load(plan.target, "operations")(plan)
    delivered = {
        "what DAGs import, for which their pods wait": airflow.requirements,
        "the team's DAGs": operations.dags_folder(),
        "the package of the workload": platform.workload,
    }
    for what, is_there in delivered.items():
        if is_there:
            yield f"the files lack what `pilothouse up` puts into the store: {what}"
