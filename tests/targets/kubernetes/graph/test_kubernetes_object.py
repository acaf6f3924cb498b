"""An object asks the engine for exactly what the SDK's class of its kind asks for."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from pilothouse.targets.dry_run import Recorded, record
from pilothouse.targets.kubernetes.clients import kinds
from pilothouse.targets.kubernetes.clients.kinds import Kind
from pilothouse.targets.kubernetes.objects.kubernetes_object import KubernetesObject
from pilothouse.targets.kubernetes.objects.resource_kinds import COMMON_KINDS
from tests.targets.kubernetes.mocked_types import MOCKED

FIELDS: Mapping[Kind, Mapping[str, Any]] = {
    kinds.CONFIG_MAP: {"data": {"start.sh": "true"}},
    kinds.AUTOSCALER: {"spec": {"minReplicas": 1, "maxReplicas": 3}},
    kinds.CRON_JOB: {"spec": {"schedule": "@daily", "jobTemplate": {"spec": {}}}},
    kinds.DEPLOYMENT: {"spec": {"replicas": 2, "minReadySeconds": 1}},
    kinds.ROLE: {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    kinds.ROLE_BINDING: {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "name": "one"}},
    kinds.SECRET: {"stringData": {"password": "generated"}},
    kinds.SERVICE_ACCOUNT: {"automountServiceAccountToken": False},
    kinds.STATEFUL_SET: {"spec": {"serviceName": "one", "podManagementPolicy": "Parallel"}},
}
CREATED = (*COMMON_KINDS, kinds.NAMESPACE, kinds.AUTOSCALER, kinds.INGRESS)
METADATA = {"name": "one", "labels": {"app.kubernetes.io/name": "one"}}


def sdk_class(kind: Kind) -> Any:
    """The SDK's class of a kind."""
    group, _, version = kind.api_version.rpartition("/")
    module = f"pulumi_kubernetes.{group.partition('.')[0] or 'core'}.{version}"
    return getattr(importlib.import_module(module), kind.name)


def by_sdk(kind: Kind, fields: Mapping[str, Any]) -> pulumi.Resource:
    named = {re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower(): value for key, value in fields.items()}
    made: pulumi.Resource = sdk_class(kind)("one", **named)
    return made


def recorded(kind: Kind, make: Any) -> Recorded:
    fields = {"metadata": METADATA, **FIELDS.get(kind, {})}
    answers = {**MOCKED, "kubernetes:core/v1:Pod": MOCKED["kubernetes:core/v1:Secret"]}
    (found,) = (item for item in record(lambda: make(kind, fields), answers) if item.custom)
    return found


@pytest.mark.parametrize("kind", CREATED, ids=lambda kind: kind.name)
def test_an_object_is_what_the_sdk_would_ask_for(kind: Kind) -> None:
    own = recorded(kind, lambda kind, fields: KubernetesObject(kind, "one", fields))
    sdk = recorded(kind, by_sdk)
    assert (own.type, own.inputs) == (sdk.type, sdk.inputs)
    assert (own.name, own.secret_outputs) == (sdk.name, sdk.secret_outputs)
