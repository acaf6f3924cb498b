"""What containers are told of the network around the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pilothouse.proxies import bypassing
from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.objects.pods import Additions, Mount, SecretKey
from pilothouse.targets.kubernetes.settings.component_table import HTTP_SERVERS
from pilothouse.targets.kubernetes.settings.network_variables import (
    AUTHORITY_VARIABLES,
    INDEX_VARIABLES,
    proxy_variables,
)

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan, KubernetesSettings

AUTHORITIES = "/authorities"
API_SERVER_ADDRESS = "$(KUBERNETES_SERVICE_HOST)"  # which the kubelet knows, and puts in its place
INSTANCE_METADATA = "169.254.169.254"  # of clouds, with credentials that no proxy should see


def additions(plan: KubernetesPlan) -> Additions:
    """The variables, the keys of Secrets and the mounts that every container has."""
    authority = plan.settings.network.certificate_authority
    return Additions(
        environment=dict(_variables(plan)),
        references=_logins(plan.settings),
        mounts=[Mount(path=AUTHORITIES, config_map=authority.config_map)] if authority else [],
    )


def _variables(plan: KubernetesPlan) -> Iterator[tuple[str, str]]:
    network = plan.settings.network
    if network.proxy:
        if not network.proxy.secret:
            for scheme, url in network.proxy.urls.items():
                yield from dict.fromkeys(proxy_variables(scheme), url).items()
        yield from bypassing({}, _direct_hosts(plan)).items()
    if authority := network.certificate_authority:
        path = f"{AUTHORITIES}/{authority.key}"
        yield from dict.fromkeys(AUTHORITY_VARIABLES, path).items()
    if index := network.package_index:
        yield from dict.fromkeys(INDEX_VARIABLES, index.url).items()


def _logins(settings: KubernetesSettings) -> Mapping[str, SecretKey]:
    """The variables of a proxy with a login, and their keys in the user's Secret."""
    proxy = settings.network.proxy
    if proxy is None or not proxy.secret:
        return {}
    return {
        variable: SecretKey(secret=proxy.secret, key=scheme)
        for scheme in proxy.urls
        for variable in proxy_variables(scheme)
    }


def _direct_hosts(plan: KubernetesPlan) -> Iterator[str]:
    """The hosts that no proxy is asked for, besides the pod itself."""
    settings, namespace = plan.settings, namespace_of(plan)
    yield from (".svc", f".{settings.cluster_dns.domain}")
    for server in HTTP_SERVERS:
        yield from (server, f"{server}.{namespace}")
    yield from ("kubernetes.default", API_SERVER_ADDRESS, INSTANCE_METADATA)
    provider = plan.platform.access.oidc
    direct = [provider.issuer] if provider and settings.oidc and settings.oidc.egress else []
    yield from (urlsplit(url).hostname or "" for url in (*settings.direct_urls(), *direct))
    if settings.network.proxy:
        yield from settings.network.proxy.no_proxy
