"""The least-privilege policy of whoever deploys a stack, computed from its graph.

Nothing here knows a stack: the types and names are those of the resources that the stack's own
program asks for.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.resources.rights import RIGHTS
from pilothouse.targets.aws.resources.rights.looks import CLEARING, LOOKS
from pilothouse.targets.aws.resources.rights.right import Right
from pilothouse.targets.aws.settings.regions import BY_REGION

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.shared.dry_run import Recorded, Recording

VERSION = "2012-10-17"
LIMIT = 6144  # characters of a managed policy, without blanks
ROOM = LIMIT - 60  # what is around the statements
TAG = "pilothouse-stack"
_FIELD = re.compile(r"\{(\w+)\}")

Document = dict[str, Any]
Scope = tuple[tuple[str, ...], str]
"""Resources, and a condition as JSON."""


def documents(plan: Plan, graph: Recording) -> list[Document]:
    """The policies, each within IAM's limit: attach all of them.

    `graph` is what the stack's program asks for. Raises PilothouseError for a resource type
    without an entry in the table.
    """
    resources = [each for each in graph if each.custom and each.type.startswith("aws:")]
    if unknown := sorted({each.type for each in resources} - RIGHTS.keys()):
        raise PilothouseError(f"no rights are known for {', '.join(unknown)}")
    return list(_packed(_statements(plan, resources)))


def _statements(plan: Plan, resources: Sequence[Recorded]) -> list[Document]:
    """One statement for each scope, with every action that is needed there."""
    actions: dict[Scope, set[str]] = defaultdict(set)
    for right, arns in _rights(plan, resources):
        actions[arns, _condition(plan, right)] |= set(right.actions.split())
    return [_statement(scope, sorted(found)) for scope, found in sorted(actions.items())]


def _rights(plan: Plan, resources: Sequence[Recorded]) -> Iterator[tuple[Right, tuple[str, ...]]]:
    types = sorted({each.type for each in resources})
    rights = [(kind, right) for kind in types for right in RIGHTS[kind]]
    clearing = [(kind, right) for kind in types for right in CLEARING.get(kind, ())]
    for kind, right in [*rights, *clearing, *(("", right) for right in LOOKS)]:
        wanted = right.of or kind
        about = [each.inputs for each in resources if each.type == wanted]
        if arns := tuple(sorted({*_arns(plan, right, about)})):
            yield right, arns


def _arns(plan: Plan, right: Right, resources: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    region = plan.settings.region
    account, partition = plan.settings.account_id, BY_REGION[region].name
    fixed = {"region": region, "account": account, "partition": partition}
    for pattern in right.on:
        fields = set(_FIELD.findall(pattern)) - fixed.keys()
        for inputs in resources if fields else [{}]:
            yield pattern.format(**fixed, **{key: inputs[key] for key in fields})


def _condition(plan: Plan, right: Right) -> str:
    tag = plan.tags[TAG]
    equals: dict[str, Any] = {}
    if right.tagged:
        key = "RequestTag" if right.tagged == "request" else "ResourceTag"
        equals[f"aws:{key}/{TAG}"] = tag
    if right.passed_to:
        equals["iam:PassedToService"] = list(right.passed_to)
    return json.dumps({"StringEquals": equals} if equals else {}, sort_keys=True)


def _statement(scope: Scope, actions: Sequence[str]) -> Document:
    arns, condition = scope
    resource = list(arns)
    found = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return found | ({"Condition": read} if (read := json.loads(condition)) else {})


def _packed(statements: Sequence[Document]) -> Iterator[Document]:
    """As few documents as it takes; each statement goes into the first with room for it."""
    documents: list[list[Document]] = []
    for statement in sorted(statements, key=size, reverse=True):
        for document in documents:
            if sum(map(size, document)) + len(document) + size(statement) < ROOM:
                document.append(statement)
                break
        else:
            documents.append([statement])
    for document in documents:
        yield {"Version": VERSION, "Statement": document}


def size(document: Mapping[str, Any]) -> int:
    """The characters that IAM counts: blanks are free."""
    return len(json.dumps(document, separators=(",", ":")))
