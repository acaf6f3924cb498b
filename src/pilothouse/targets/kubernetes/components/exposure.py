"""Exposes the consoles of a public platform, each by its own host and over TLS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pilothouse.targets.kubernetes.clients.kinds import HTTP_ROUTE, INGRESS
from pilothouse.targets.kubernetes.objects.public_hosts import public_host
from pilothouse.targets.kubernetes.settings.component_table import PORTS

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.objects.builder import Dependencies, ObjectFactory
    from pilothouse.targets.kubernetes.settings.exposure import GatewaySettings, IngressSettings
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan


def expose(
    objects: ObjectFactory, plan: KubernetesPlan, component: str, depends_on: Dependencies
) -> None:
    """Expose a component by its public host, if the platform has one."""
    host, exposure = public_host(plan, component), plan.settings.exposure
    if not host or not exposure:
        return
    if exposure.ingress:
        objects.make(
            INGRESS,
            component,
            component=component,
            annotations=exposure.ingress.annotations,
            depends_on=depends_on,
            spec=_ingress(exposure.ingress, component, host),
        )
    elif exposure.gateway:
        spec = _route(exposure.gateway, component, host)
        objects.make(HTTP_ROUTE, component, component=component, depends_on=depends_on, spec=spec)


def _ingress(settings: IngressSettings, component: str, host: str) -> Mapping[str, Any]:
    service = {"name": component, "port": {"number": PORTS[component]}}
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": service}}
    secret = {"secretName": settings.tls_secret} if settings.tls_secret else {}
    return {
        "ingressClassName": settings.class_name,
        "tls": [{"hosts": [host], **secret}],
        "rules": [{"host": host, "http": {"paths": [path]}}],
    }


def _route(settings: GatewaySettings, component: str, host: str) -> Mapping[str, Any]:
    return {
        "parentRefs": [settings.model_dump(by_alias=True)],
        "hostnames": [host],
        "rules": [{"backendRefs": [{"name": component, "port": PORTS[component]}]}],
    }
