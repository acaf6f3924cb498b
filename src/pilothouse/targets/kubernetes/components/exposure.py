"""A public platform's consoles: each has a host of its own below the platform's, over TLS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.networking.v1 import Ingress

from pilothouse.targets.kubernetes.objects.network_policies import PORTS
from pilothouse.targets.kubernetes.settings.hosts import GATEWAY_API, ROUTE, public_host

if TYPE_CHECKING:
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.objects.builder import Needs, Objects
    from pilothouse.targets.kubernetes.settings.exposure import GatewaySettings, IngressSettings

HTTP_ROUTE = partial(CustomResource, api_version=GATEWAY_API, kind=ROUTE)


def expose(objects: Objects, plan: Plan, component: str, needs: Needs) -> None:
    """Serve a component by its public host, if the platform has one."""
    host, exposure = public_host(plan, component), plan.settings.exposure
    if host and exposure.ingress:
        objects.make(
            Ingress,
            component,
            component=component,
            annotations=exposure.ingress.annotations,
            needs=needs,
            spec=_ingress(exposure.ingress, component, host),
        )
    elif host:
        spec = _route(exposure.gateway, component, host)
        objects.make(HTTP_ROUTE, component, component=component, needs=needs, spec=spec)


def _ingress(settings: IngressSettings, component: str, host: str) -> Mapping[str, Any]:
    service = {"name": component, "port": {"number": PORTS[component]}}
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": service}}
    return {
        "ingressClassName": settings.class_name,
        "tls": [{"hosts": [host], "secretName": settings.tls_secret}],
        "rules": [{"host": host, "http": {"paths": [path]}}],
    }


def _route(settings: GatewaySettings, component: str, host: str) -> Mapping[str, Any]:
    return {
        "parentRefs": [settings.model_dump(by_alias=True)],
        "hostnames": [host],
        "rules": [{"backendRefs": [{"name": component, "port": PORTS[component]}]}],
    }
