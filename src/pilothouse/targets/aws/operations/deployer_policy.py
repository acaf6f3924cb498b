"""The least-privilege policy of a stack's deployer, computed from the stack's graph.

Nothing here knows a stack: the types and names are those of the resources that the stack's own
program asks for.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.aws.resources import TABLE
from pilothouse.targets.aws.resources.declaration import Permission
from pilothouse.targets.aws.resources.permissions import READ_ONLY, use_named_key

if TYPE_CHECKING:
    from pilothouse.targets.aws.settings.target import AwsPlan
    from pilothouse.targets.dry_run import Recorded, Recording

VERSION = "2012-10-17"
LIMIT = 6144  # characters of a managed policy, without blanks
STATEMENTS_LIMIT = LIMIT - 60  # without what is around the statements
TAG = "pilothouse-stack"
_FIELD = re.compile(r"\{(\w+)\}")

Document = dict[str, Any]
Scope = tuple[tuple[str, ...], str]
"""Resources, and a condition as JSON."""


def documents(plan: AwsPlan, graph: Recording) -> list[Document]:
    """The policies, each within IAM's limit: attach all of them.

    `graph` is what the stack's program asks for. Raises PilothouseError for a resource type
    without a declaration.
    """
    resources = [
        resource for resource in graph if resource.custom and resource.type.startswith("aws:")
    ]
    if unknown := sorted({resource.type for resource in resources} - TABLE.types):
        raise PilothouseError(f"no resource type is declared for {', '.join(unknown)}")
    return list(_pack(_statements(plan, resources)))


def _statements(plan: AwsPlan, resources: Sequence[Recorded]) -> list[Document]:
    """One statement for each scope, with every action that is needed there."""
    actions: dict[Scope, set[str]] = defaultdict(set)
    for permission, arns in _scoped_permissions(plan, resources):
        actions[arns, _condition(plan, permission)] |= set(permission.actions.split())
    return [_statement(scope, sorted(allowed)) for scope, allowed in sorted(actions.items())]


def _scoped_permissions(
    plan: AwsPlan, resources: Sequence[Recorded]
) -> Iterator[tuple[Permission, tuple[str, ...]]]:
    """Each permission with the ARNs that it is for; those for nothing in the graph are left out."""
    types = {resource.type for resource in resources}
    for permission, own_type in _permissions(plan, types):
        scope = permission.inputs_of or own_type
        inputs = [resource.inputs for resource in resources if resource.type == scope]
        if arns := tuple(sorted({*_arns(plan, permission, inputs)})):
            yield permission, arns


def _permissions(plan: AwsPlan, types: Collection[str]) -> Iterator[tuple[Permission, str]]:
    """What is needed in any case, and what each type in the graph needs, with the type."""
    for permission in READ_ONLY:
        yield permission, ""
    if named := plan.settings.storage.key_arn:
        yield use_named_key(named), ""
    for declared in TABLE:
        if declared.list_actions:
            yield Permission(actions=declared.list_actions), ""
        own_type = declared.type or declared.created_by
        if own_type in types:
            yield from ((permission, own_type) for permission in declared.permissions)


def _arns(
    plan: AwsPlan, permission: Permission, resources: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    settings = plan.settings
    fixed = {
        "region": settings.region,
        "account": settings.account_id,
        "partition": settings.partition,
        "role_path": settings.role_path,
    }
    for pattern in permission.on:
        fields = set(_FIELD.findall(pattern)) - fixed.keys()
        for inputs in resources if fields or permission.inputs_of else [{}]:
            yield pattern.format(**fixed, **{key: inputs[key] for key in fields})


def _condition(plan: AwsPlan, permission: Permission) -> str:
    tag = plan.tags[TAG]
    equals: dict[str, Any] = {}
    if permission.required_tag:
        key = "RequestTag" if permission.required_tag == "request" else "ResourceTag"
        equals[f"aws:{key}/{TAG}"] = tag
    if permission.passed_to:
        equals["iam:PassedToService"] = list(permission.passed_to)
    return json.dumps({"StringEquals": equals} if equals else {}, sort_keys=True)


def _statement(scope: Scope, actions: Sequence[str]) -> Document:
    arns, condition = scope
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(arns)}
    return statement | ({"Condition": parsed} if (parsed := json.loads(condition)) else {})


def _pack(statements: Sequence[Document]) -> Iterator[Document]:
    """As few documents as possible; each statement goes into the first with room for it."""
    documents: list[list[Document]] = []
    for statement in sorted(statements, key=size, reverse=True):
        for document in documents:
            if sum(map(size, document)) + len(document) + size(statement) < STATEMENTS_LIMIT:
                document.append(statement)
                break
        else:
            documents.append([statement])
    for document in documents:
        yield {"Version": VERSION, "Statement": document}


def size(document: Mapping[str, Any]) -> int:
    """The characters that IAM counts: blanks are free."""
    return len(json.dumps(document, separators=(",", ":")))
