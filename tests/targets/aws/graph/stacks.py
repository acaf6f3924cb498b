"""Stacks on AWS that differ in one option each, as recorded graphs, and what tests ask of them."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from pilothouse.plan import Plan
from tests.targets.suite import platforms
from tests.targets.suite.recorder import Recorded, Recording, revealed

SMALLEST = platforms.ROOT / "examples" / "minimal.yaml"
VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]

NAMED_KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"

TEAM = {
    "package": "churn==0.3.0",
    "schedule": "0 6 * * 1-5",
    "steps": [{"name": "train", "command": ["churn", "train"], "timeout": "30m"}],
}
"""A workload of the team's that runs by itself."""

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "endpoints": {"network": {"egress": "endpoints"}},
    "existing": {"network": {"vpcId": VPC, "privateSubnetIds": SUBNETS}},
    "named-key": {"storage": {"keyArn": NAMED_KEY}},
    "without-key": {"storage": {"encryption": "s3"}},
    "server": {"tracking": {"server": "tracking-server", "size": "Medium"}},
    "pipelines": {"engine": "managed"},
    "domain": {"compute": {"domain": True}, "tags": {"team": "churn"}},
    "least": {
        "network": {"vpcId": VPC, "privateSubnetIds": SUBNETS},
        "storage": {"encryption": "s3"},
        "engine": "managed",
    },
    "schedule": {"engine": "managed", "team": TEAM},
    "ends": {"ends": True, "tracking": {"server": "tracking-server"}},
}
"""Settings by what is different with them; platform.yaml says `engine`, `team` and `ends`."""

every_option = pytest.mark.parametrize("option", OPTIONS)


@cache
def stack(option: str = "default") -> Recording:
    """The smallest platform with these settings."""
    return recorded(OPTIONS[option])


def recorded(settings: Mapping[str, Any], *, more: str = "", **options: Any) -> Recording:
    """The smallest platform, with `more` in its file, and with these settings."""
    said, more = with_engine(settings, more)
    with TemporaryDirectory() as folder:
        return platforms.recorded(_project(Path(folder), more), "aws", settings=said, **options)


def planned(settings: Mapping[str, Any] = platforms.NONE, *, more: str = "") -> Plan:
    """The plan of the same."""
    said, more = with_engine(settings, more)
    with TemporaryDirectory() as folder:
        return platforms.plan_of(_project(Path(folder), more), "aws", settings=said)


def with_engine(settings: Mapping[str, Any], more: str = "") -> tuple[dict[str, Any], str]:
    """Settings without `engine`, `team` and `ends`, and what platform.yaml says in their place."""
    said = dict(settings)
    if said.pop("ends", None):
        more = f"  atExpiry: stop\n{more}"  # the section `pilot` is the file's last
    if engine := said.pop("engine", None):
        more += f"\norchestration: {{engine: {engine}}}\n"
    if team := said.pop("team", None):
        more += f"\nworkload: {json.dumps(team)}\n"
    return said, more


def made(graph: Recording) -> list[Recorded]:
    """What is asked of AWS's provider."""
    return [resource for resource in graph if resource.type.startswith("aws:")]


def inputs(graph: Recording, label: str) -> dict[str, Any]:
    """The inputs of a resource."""
    found: dict[str, Any] = revealed(dict(graph.one(label).inputs))
    return found


def statements(document: str) -> list[dict[str, Any]]:
    """The statements of a policy, each with lists of actions and resources."""
    found = json.loads(document)["Statement"]
    listed = {"Action", "Resource", "NotResource"}
    return [
        {k: [v] if k in listed and isinstance(v, str) else v for k, v in item.items()}
        for item in found
    ]


def policies(graph: Recording) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every policy of the graph, with the label of what has it: who may, and what."""
    for resource in made(graph):
        for key in ("policy", "assumeRolePolicy"):
            text = revealed(dict(resource.inputs)).get(key)
            if text and "Statement" in text:
                yield resource.label, statements(text)


def _project(folder: Path, more: str) -> Path:
    project = platforms.project_of(SMALLEST, folder)
    with (project / "platform.yaml").open("a", encoding="utf-8") as file:
        file.write(more)
    return project
