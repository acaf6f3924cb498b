"""checkov finds nothing in any stack; what is meant says so itself, with its reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from testkit.support.checkov import Report, scanned

from tests.targets.kubernetes.policies.manifests import Manifest, Manifests
from tests.targets.kubernetes.policies.planting import Fault
from tests.targets.kubernetes.policies.stacks import STACKS, smallest, stack_of

RULES = 60
"""So many rules of checkov's, at least, speak about objects of ours."""

MAIN = "spec template spec containers 0"
FAULTS = {
    "CKV_K8S_16": Fault("Deployment mlflow", f"{MAIN} securityContext privileged", True),
    "CKV_K8S_21": Fault("Service mlflow", "metadata namespace", "default"),
    "CKV_K8S_35": Fault("Job buckets", f"{MAIN} envFrom", [{"secretRef": {"name": "buckets"}}]),
    "CKV_K8S_43": Fault("ConfigMap airflow-files task.yaml", "spec containers 0 image", "a:1"),
}


def written(stack: Manifests, folder: Path) -> Path:
    """The objects as files, and the pods of tasks as the jobs that they are to a scanner."""
    folder.mkdir()
    for number, manifest in enumerate([*stack.objects, *jobs(stack)]):
        text = yaml.safe_dump(manifest, sort_keys=False)
        (folder / f"{number:03}.yaml").write_text(text, encoding="utf-8")
    return folder


def jobs(stack: Manifests) -> list[Manifest]:
    """Jobs of the pods that files describe: they run to their end as jobs do."""
    (namespace,) = stack.names("Namespace")
    return [
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": pod.source.rpartition(" ")[2].removesuffix(".yaml"),
                "namespace": namespace,
                "annotations": pod.metadata.get("annotations", {}),
            },
            "spec": {"template": {"metadata": pod.metadata, "spec": pod.spec}},
        }
        for pod in stack.pods
        if pod.kind == "ConfigMap"
    ]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One scan of all stacks, since checkov takes seconds to start."""
    folder = tmp_path_factory.mktemp("rendered")
    for given in STACKS:
        written(stack_of(given), folder / given.name)
    return scanned(folder)


def test_nothing_is_found(report: Report) -> None:
    assert report.failed == []


def test_every_object_was_looked_at_by_many_rules(report: Report) -> None:
    stacks = [stack_of(given) for given in STACKS]
    assert report.objects >= sum(len(stack.objects) + len(jobs(stack)) for stack in stacks)
    assert report.passed > RULES * sum(len(stack.pods) for stack in stacks)


def test_only_what_is_meant_is_left_out(report: Report) -> None:
    """A token where the cluster's API is called, and no readiness where nobody calls."""
    found = {re.sub(r"^(\S+) \w+\.[^.]+\.", r"\1 ", each) for each in report.skipped}
    assert found == {
        "CKV_K8S_38 airflow-api-server",
        "CKV_K8S_38 airflow-cleanup-pods",
        "CKV_K8S_38 airflow-scheduler",
        "CKV_K8S_38 expiry",
        "CKV_K8S_38 task",
        "CKV_K8S_9 airflow-dag-processor",
        "CKV_K8S_9 airflow-triggerer",
    }


def test_every_planted_fault_is_found(tmp_path: Path) -> None:
    stack = smallest()
    for fault in FAULTS.values():
        stack = fault.planted(stack)
    found = {each.partition(" ")[0] for each in scanned(written(stack, tmp_path / "bad")).failed}
    assert found >= FAULTS.keys()
