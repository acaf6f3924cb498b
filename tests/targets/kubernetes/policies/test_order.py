"""The order in which objects are made and, turned round, taken away: for every stack."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.targets.kubernetes.policies import order
from tests.targets.kubernetes.policies.manifests import Manifests, checks_of
from tests.targets.kubernetes.policies.stacks import (
    SMALLEST,
    WITH_OPTIONS,
    Given,
    every_stack,
    graph_of,
    stack_of,
)
from tests.targets.suite.recorder import Recording

Check = Callable[[Recording, Manifests], Iterator[str]]

FORGOTTEN = {
    order.pods_have_what_they_name: [
        "Secret seaweedfs", "ConfigMap buckets", "PersistentVolumeClaim postgres",
        "ServiceAccount workload", "Secret workload",
    ],
    order.pods_have_their_policies: [
        "NetworkPolicy default-deny", "NetworkPolicy mlflow", "NetworkPolicy airflow-task",
        "ResourceQuota platform", "LimitRange containers",
    ],
    order.pods_have_their_rights: ["RoleBinding airflow-task", "Role airflow-scheduler"],
    order.clients_have_their_servers: [
        "StatefulSet postgres", "Service seaweedfs", "Deployment mlflow",
        "Service airflow-api-server",
    ],
    order.the_schedulers_go_before_the_api_server: ["Deployment airflow-api-server"],
    order.the_namespace_goes_last: ["Namespace namespace"],
}  # fmt: skip
"""For each check, what nothing would wait for, so that the check must say so."""

CHECKS = checks_of(order)


def without(graph: Recording, label: str) -> Recording:
    """The graph in which nothing depends on the resource of that label."""
    urn = graph.one(label).urn
    cut = {
        each.urn: replace(each, dependencies=each.dependencies - {urn})
        for each in graph.resources.values()
    }
    return replace(graph, resources=cut)


def test_every_check_has_a_fault_that_it_sees() -> None:
    assert set(CHECKS) == set(FORGOTTEN)


@every_stack
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_out_of_order(check: Check, given: Given) -> None:
    assert list(check(graph_of(given), stack_of(given))) == []


PLANTED = [(check, label) for check, labels in FORGOTTEN.items() for label in labels]


@pytest.mark.parametrize(
    ("check", "label"),
    PLANTED,
    ids=[f"{c.__name__}-{label}".replace(" ", "-") for c, label in PLANTED],
)
def test_a_forgotten_dependency_is_seen(check: Check, label: str) -> None:
    assert list(check(without(graph_of(SMALLEST), label), stack_of(SMALLEST))) != []


OF_OPTIONS = {
    order.pods_have_what_they_name: ["Secret pgbouncer", "ConfigMap airflow-statsd"],
    order.clients_have_their_servers: ["Deployment pgbouncer", "Service airflow-statsd"],
}


@pytest.mark.parametrize(
    ("check", "label"), [(check, label) for check, labels in OF_OPTIONS.items() for label in labels]
)
def test_a_forgotten_dependency_on_an_option_is_seen(check: Check, label: str) -> None:
    given = WITH_OPTIONS[0]
    assert list(check(without(graph_of(given), label), stack_of(given))) != []
