"""What stops a stack at the end of its pilot: a CronJob that may do that and nothing more."""

from __future__ import annotations

from pathlib import Path

from pilothouse.program.load import PLATFORM_FILE
from pilothouse.targets.kubernetes.settings.component_table import EXPIRY
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recording, revealed

ALLOWED = {
    "batch cronjobs": {"list", "patch"},
    "batch jobs": {"list"},
    "apps deployments": {"list", "delete"},
    "apps statefulsets": {"list", "delete"},
}


def graph(folder: Path, **pilot: str) -> Recording:
    project = platforms.project_of(platforms.ROOT / "examples/minimal.yaml", folder)
    file = project / PLATFORM_FILE
    more = "".join(f"  {key}: {value}\n" for key, value in pilot.items())
    file.write_text(file.read_text().replace("pilot:\n", f"pilot:\n{more}"))
    return platforms.recorded(project, "kubernetes")


def test_it_looks_each_day_in_utc_whether_the_last_day_is_over(tmp_path: Path) -> None:
    spec = revealed(dict(graph(tmp_path).one(f"CronJob {EXPIRY}").inputs))["spec"]
    assert (spec["schedule"], spec["timeZone"], spec["suspend"]) == ("5 0 * * *", "Etc/UTC", False)
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"] == ["python", "/scripts/expiry.py", "2027-12-31"]
    assert pod["serviceAccountName"] == EXPIRY


def test_its_role_allows_what_a_stop_takes_and_no_more(tmp_path: Path) -> None:
    made = graph(tmp_path)
    found = {
        f"{group} {resource}": set(rule["verbs"])
        for rule in made.one(f"Role {EXPIRY}").inputs["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    assert found == ALLOWED
    assert f"RoleBinding {EXPIRY}" in made.needs(made.one(f"CronJob {EXPIRY}"))


def test_where_nothing_is_to_end_there_is_no_such_job_and_no_role(tmp_path: Path) -> None:
    labels = {each.label for each in graph(tmp_path, atExpiry="tell")}
    assert not labels & {f"{kind} {EXPIRY}" for kind in ("CronJob", "Role", "RoleBinding")}
