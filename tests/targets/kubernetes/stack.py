"""Plans of a stack, and objects of it as the API answers them."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from pilothouse.plan import Plan
from pilothouse.program.load import plan_of_engine
from pilothouse.targets.kubernetes.naming import namespace_of
from tests.targets.kubernetes.fake_api import named
from tests.targets.suite.platforms import EXAMPLES, TODAY, project_of

SMALLEST = next(example for example in EXAMPLES if example.stem == "minimal")
PUBLIC = next(example for example in EXAMPLES if example.stem == "full")
DATABASE = {"host": "db.example.org", "cidr": "10.0.0.0/24", "secret": "team-db"}
STORE = {
    "endpoint": "https://s3.example.org",
    "cidr": "10.0.0.0/24",
    "secret": "team-s3",
    "buckets": {role: f"pilot-{role}" for role in ("data", "artifacts", "logs", "backups")},
}


def planned(folder: Path, example: Path = SMALLEST, **settings: object) -> Plan:
    project = project_of(example, folder / "project")
    settings |= {"namespaceExists": True} if {"database", "objectStore"} & settings.keys() else {}
    return plan_of_engine(project, "pilot", target="kubernetes", settings=settings, today=TODAY)


def path_of(plan: Plan) -> str:
    return f"/api/v1/namespaces/{namespace_of(plan)}"


def apps_of(plan: Plan) -> str:
    return f"/apis/apps/v1/namespaces/{namespace_of(plan)}/deployments"


def encoded(**values: str) -> dict[str, str]:
    """As a Secret's `data`, whose names have dashes."""
    return {
        name.replace("_", "-"): b64encode(value.encode()).decode() for name, value in values.items()
    }


def deployment(name: str, ready: int, wanted: int) -> dict[str, Any]:
    template = {"metadata": {}, "spec": {"containers": [{"name": name}]}}
    spec = {"replicas": wanted, "selector": {}, "template": template}
    return named(name, spec=spec, status=counts(ready, wanted))


def counts(ready: int, wanted: int) -> dict[str, int]:
    return {"readyReplicas": ready, "replicas": wanted, "updatedReplicas": wanted}


def pod(name: str, reason: str) -> dict[str, Any]:
    waiting = {"waiting": {"reason": reason, "message": "no such image"}}
    status = {
        "name": "main", "ready": False, "restartCount": 0, "image": "", "imageID": "",
        "state": waiting,
    }  # fmt: skip
    return named(
        name, spec={"containers": [{"name": "main"}]}, status={"containerStatuses": [status]}
    )


def volume(name: str, namespace: str) -> dict[str, Any]:
    claim = {"namespace": namespace, "name": "data"}
    return named(name, spec={"claimRef": claim}, status={"phase": "Released"})
