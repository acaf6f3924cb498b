"""The public host names of a platform's consoles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pilothouse.services.airflow.settings import API_SERVER
from pilothouse.targets.kubernetes.settings.component_table import MLFLOW

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

CONSOLES: Mapping[str, str] = {MLFLOW: "mlflow", API_SERVER: "airflow"}
"""What each console is called in the settings, and in the first label of its host."""


def public_host(plan: KubernetesPlan, component: str) -> str:
    """The public host of a console; empty if the platform is private."""
    host, exposure, console = plan.platform.access.host, plan.settings.exposure, CONSOLES[component]
    if host and exposure and exposure.hosts:
        return str(getattr(exposure.hosts, console))
    return f"{console}.{host}" if host else ""


def public_url(plan: KubernetesPlan, component: str) -> str:
    """The URL of a console outside the cluster; empty if the platform is private."""
    host = public_host(plan, component)
    return f"https://{host}" if host else ""
