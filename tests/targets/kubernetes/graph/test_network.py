"""The network around the cluster is known in every container, and own Services stay inside."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

import pytest
from requests.utils import should_bypass_proxies

from pilothouse.targets.kubernetes.naming import namespace_of
from pilothouse.targets.kubernetes.settings.network_variables import (
    AUTHORITY_VARIABLES,
    INDEX_VARIABLES,
    VARIABLES,
)
from tests.targets.conftest import GraphWith
from tests.targets.kubernetes.graph.pods import containers, keys_read, pods, secrets_of
from tests.targets.kubernetes.policies.stacks import (
    NETWORK,
    STACKS,
    USERS,
    WITH_LOGIN,
    Given,
    every_stack,
    graph_of,
    plan_of,
)
from tests.targets.suite.recorder import Recording, revealed

URL = re.compile(r"https?://[^\s\"',;\\]+")
NO_PROXY = ("NO_PROXY", "no_proxy")
SERVICE_HOST = "$(KUBERNETES_SERVICE_HOST)"


def behind_a_proxy(given: Given) -> Given:
    settings = {**given.settings, **USERS, "network": NETWORK}
    return Given(f"{given.name}-in-a-company", given.example, settings)


IN_A_COMPANY = [behind_a_proxy(given) for given in STACKS]
every_network = pytest.mark.parametrize("given", IN_A_COMPANY, ids=[g.name for g in IN_A_COMPANY])


def every_container(graph: Recording) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for pod in pods(graph).values():
        for container in containers(pod):
            yield pod, container


def variables(container: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container["env"]}


def values(graph: Recording, container: Mapping[str, Any]) -> Iterator[str]:
    """What a container has in its environment, from its pod, ConfigMaps and Secrets."""
    yield from (value for name, value in variables(container).items() if name not in VARIABLES)
    maps = [each.get("configMapRef", {}).get("name") for each in container["envFrom"]]
    for kind, field, chosen in (
        ("ConfigMap", "data", maps),
        ("Secret", "stringData", secrets_of(dict(container))),
    ):
        for each in graph.kind(kind):
            if each.name in chosen:
                yield from map(str, revealed(dict(each.inputs))[field].values())


def urls_inside(graph: Recording, container: Mapping[str, Any], namespace: str) -> set[str]:
    found = {url for value in values(graph, container) for url in URL.findall(value)}
    return {url for url in found if f".{namespace}." in f"{urlsplit(url).hostname}."}


@every_network
def test_every_container_has_the_proxy_in_both_spellings(given: Given) -> None:
    for _, container in every_container(graph_of(given)):
        found = variables(container)
        for scheme in ("http", "https"):
            assert found[f"{scheme}_proxy"] == found[f"{scheme.upper()}_PROXY"]
            assert found[f"{scheme}_proxy"] == NETWORK["proxy"][scheme]
        assert found["NO_PROXY"] == found["no_proxy"]
        assert set(NETWORK["proxy"]["noProxy"]) < set(found["NO_PROXY"].split(","))


@every_network
def test_no_url_inside_the_namespace_is_asked_of_the_proxy(given: Given) -> None:
    graph, namespace = graph_of(given), namespace_of(plan_of(given))
    found = set()
    for _, container in every_container(graph):
        direct = variables(container)["NO_PROXY"]
        for url in urls_inside(graph, container, namespace):
            address = urlsplit(url)
            assert proxy_bypass_environment(address.netloc, {"no": direct})
            assert should_bypass_proxies(url, direct)
            found.add(str(address.hostname).partition(".")[0])
        for url in ("https://pypi.org/simple", "https://s3.eu-west-1.amazonaws.com"):
            assert not proxy_bypass_environment(urlsplit(url).netloc, {"no": direct})
            assert not should_bypass_proxies(url, direct)
    assert found >= {"mlflow", "airflow-api-server"}


@every_network
def test_every_form_of_a_services_name_and_the_api_server_are_direct(given: Given) -> None:
    graph, namespace = graph_of(given), namespace_of(plan_of(given))
    services = {service.name for service in graph.kind("Service")} - {"postgres", "pgbouncer"}
    forms = ("", f".{namespace}", f".{namespace}.svc", f".{namespace}.svc.cluster.local")
    names = [f"{service}{form}" for service in services - {"airflow-statsd"} for form in forms]
    for host in ("10.96.0.1", "fd00::1"):
        for _, container in every_container(graph):
            assert SERVICE_HOST in variables(container)["NO_PROXY"].split(",")
            direct = variables(container)["NO_PROXY"].replace(SERVICE_HOST, host)
            for name in [*names, host, "kubernetes.default", "kubernetes.default.svc"]:
                assert proxy_bypass_environment(name, {"no": direct}), name


@every_network
def test_a_server_outside_with_egress_of_its_own_is_direct(given: Given) -> None:
    plan = plan_of(given)
    store, git = plan.settings.object_store, plan.settings.dags.git_sync
    urls = ["https://pypi.example.org/simple", *([store.endpoint] if store else [])]
    for _, container in every_container(graph_of(given)):
        direct = variables(container)["NO_PROXY"]
        assert all(should_bypass_proxies(url, direct) for url in urls)
        if git and not git.by_ssh:
            assert should_bypass_proxies(git.repository, direct) == bool(git.egress)


@every_network
def test_every_container_trusts_the_mounted_authorities(given: Given) -> None:
    for pod, container in every_container(graph_of(given)):
        found = variables(container)
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE", "CURL_CA_BUNDLE")
        (path,) = {found[name] for name in (*names, "GIT_SSL_CAINFO")}
        folder, _, file = path.rpartition("/")
        (mount,) = (each for each in container["volumeMounts"] if each["mountPath"] == folder)
        (volume,) = (each for each in pod["spec"]["volumes"] if each["name"] == mount["name"])
        assert (volume["configMap"]["name"], file) == ("corp-ca", "bundle.pem")
        assert mount["readOnly"]


@every_network
def test_every_container_installs_from_the_package_index(given: Given) -> None:
    for _, container in every_container(graph_of(given)):
        for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
            assert variables(container)[name] == NETWORK["packageIndex"]["url"]


@every_network
def test_every_pod_may_connect_to_the_proxy_and_the_index(given: Given) -> None:
    graph = graph_of(given)
    for name in pods(graph):
        spec = graph.one(f"NetworkPolicy {name}").inputs["spec"]
        opened = {
            (peer["ipBlock"]["cidr"], port["port"])
            for rule in spec["egress"]
            for peer in rule.get("to", ())
            if "ipBlock" in peer
            for port in rule["ports"]
        }
        assert opened >= {
            ("192.0.2.20/32", 3128),
            ("192.0.2.20/32", 3129),
            ("192.0.2.30/32", 443),
        }


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("proxy", {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", *NO_PROXY}),
        ("certificateAuthority", {*AUTHORITY_VARIABLES}),
        ("packageIndex", {*INDEX_VARIABLES}),
    ],
)
def test_each_part_of_the_network_stands_alone(
    graph_with: GraphWith, part: str, expected: set[str]
) -> None:
    graph = graph_with(**USERS, network={part: NETWORK[part]})
    for _, container in every_container(graph):
        assert VARIABLES & set(variables(container)) == expected


def test_a_scheme_without_a_proxy_has_no_variable(graph_with: GraphWith) -> None:
    proxy = {"https": "http://proxy.example.org:3128", "cidr": "192.0.2.20/32"}
    for _, container in every_container(graph_with(network={"proxy": proxy})):
        expected = {"HTTPS_PROXY", "https_proxy", *NO_PROXY}
        assert VARIABLES & set(variables(container)) == expected


def test_a_login_of_the_proxy_is_in_no_manifest(graph_with: GraphWith) -> None:
    graph = graph_with(**USERS, network=WITH_LOGIN, dags={"gitSync": GIT_BY_PROXY})
    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")
    for pod, container in every_container(graph):
        assert not set(names) & set(variables(container))
        read = keys_read(pod, container)
        assert {name: read[name] for name in names} == {
            name: ("proxy-login", name.lower().partition("_")[0]) for name in names
        }
        assert ".svc" in variables(container)["NO_PROXY"].split(",")


GIT_BY_PROXY = {"repository": "https://git.example.org/team/dags.git", "secret": "git-login"}


@every_stack
def test_without_a_network_no_container_has_its_variables(given: Given) -> None:
    if "network" in given.settings:
        return
    for _, container in every_container(graph_of(given)):
        assert not VARIABLES & set(variables(container))
        assert "/authorities" not in json.dumps(container)
