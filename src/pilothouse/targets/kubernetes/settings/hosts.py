"""By which names a public platform's consoles are served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pilothouse.services.airflow.settings import API_SERVER
from pilothouse.targets.kubernetes.objects.network_policies import MLFLOW

if TYPE_CHECKING:
    from pilothouse.plan import Plan

LABELS: Mapping[str, str] = {MLFLOW: "mlflow", API_SERVER: "airflow"}
"""What a console's host begins with. Hosts of their own keep cookies and paths apart."""

GATEWAY_API, ROUTE = "gateway.networking.k8s.io/v1", "HTTPRoute"


def public_host(plan: Plan, component: str) -> str:
    """The host of a console; empty if the platform is private."""
    host = plan.platform.access.host
    return f"{LABELS[component]}.{host}" if host else ""


def public_url(plan: Plan, component: str) -> str:
    """Where people find a console from outside the cluster; empty if the platform is private."""
    host = public_host(plan, component)
    return f"https://{host}" if host else ""
