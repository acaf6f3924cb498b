"""The kinds of objects that a stack consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pilothouse.targets.kubernetes.clients import kinds

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.kinds import Kind
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

COMMON_KINDS = (
    kinds.DEPLOYMENT,
    kinds.STATEFUL_SET,
    kinds.CRON_JOB,
    kinds.JOB,
    kinds.CONFIG_MAP,
    kinds.LIMIT_RANGE,
    kinds.PERSISTENT_VOLUME_CLAIM,
    kinds.POD,
    kinds.RESOURCE_QUOTA,
    kinds.SECRET,
    kinds.SERVICE,
    kinds.SERVICE_ACCOUNT,
    kinds.NETWORK_POLICY,
    kinds.POD_DISRUPTION_BUDGET,
    kinds.ROLE,
    kinds.ROLE_BINDING,
)
"""What the namespace of any stack may contain."""


def created_kinds(plan: KubernetesPlan) -> list[Kind]:
    """The kinds that the engine creates for a stack, its namespace first."""
    exposure = plan.settings.exposure if plan.platform.access.host else None
    optional = {
        kinds.AUTOSCALER: plan.settings.api_server_autoscaling,
        kinds.INGRESS: exposure and exposure.ingress,
        kinds.HTTP_ROUTE: exposure and exposure.gateway,
    }
    return [kinds.NAMESPACE, *COMMON_KINDS, *(kind for kind, used in optional.items() if used)]


def removable_kinds(plan: KubernetesPlan) -> list[Kind]:
    """The kinds that a teardown looks for in the namespace, whatever the settings were before.

    HTTPRoutes only if the settings name a Gateway: not every cluster has them, and not every user
    may list them.
    """
    exposure = plan.settings.exposure
    routes = [kinds.HTTP_ROUTE] if exposure and exposure.gateway else []
    return [*COMMON_KINDS, kinds.AUTOSCALER, kinds.INGRESS, *routes]
