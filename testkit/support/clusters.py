"""A stack on the test cluster, with the same program and the same platform.yaml as any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml

from testkit.cluster.settings import API_PORT, NODE_ADDRESS, PLATFORM
from testkit.fake_providers.core import plugin
from testkit.support.stacks import Stack, project_folder, write_stack_file

COMPONENT = "app.kubernetes.io/name"
SERVICES = (
    "postgres",
    "seaweedfs",
    "mlflow",
    "airflow-api-server",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
)
ROLES = ("postgres", "seaweedfs", "mlflow", "airflow", "workload")
DNS_PORT = 1053  # of the test cluster's own pods


@dataclass(frozen=True, kw_only=True)
class ClusterStack:
    """A stack on a cluster, and that cluster's API without the code under test."""

    stack: Stack
    namespace: str
    core: Any
    apps: Any
    storage: Any
    batch: Any

    def pods(self) -> list[Any]:
        """The pods of its long-running services."""
        found = self.core.list_namespaced_pod(self.namespace).items
        return [pod for pod in found if pod.metadata.labels[COMPONENT] in SERVICES]

    def sets(self) -> list[Any]:
        """Its Deployments and StatefulSets, as they are now."""
        apps, namespace = self.apps, self.namespace
        return [
            *apps.list_namespaced_deployment(namespace).items,
            *apps.list_namespaced_stateful_set(namespace).items,
        ]

    def unready(self) -> list[str]:
        """The names of those that lack pods which are ready."""
        return [
            each.metadata.name
            for each in self.sets()
            if (each.status.ready_replicas or 0) < each.spec.replicas
        ]

    def volumes(self) -> list[str]:
        """The persistent volumes that its claims have, or had."""
        found = self.core.list_persistent_volume().items
        return [each.metadata.name for each in found if self._claims(each)]

    def traces(self) -> list[str]:
        """What is left of the stack, looked for without the code under test."""
        return [
            *(f"namespace {name}" for name in self.namespaces() if name == self.namespace),
            *(f"volume {name}" for name in self.volumes()),
        ]

    def namespaces(self) -> list[str]:
        """The names of all the cluster's namespaces."""
        return [each.metadata.name for each in self.core.list_namespace().items]

    def _claims(self, volume: Any) -> bool:
        claim = volume.spec.claim_ref
        return bool(claim and claim.namespace == self.namespace)

    def settings(
        self,
        *,
        storage_class: str | None = None,
        ready_timeout: str = "5m",
        components: Mapping[str, object] | None = None,
        images: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        """Write the stack's file; every role runs the test's image but for those named."""
        values = settings(self.namespace, images or {})
        values |= {"readyTimeout": ready_timeout, "components": dict(components or {})}
        values |= more or {}
        if storage_class:
            values["storageClass"] = storage_class
        write_stack_file(self.stack.project, self.stack.name, "kubernetes", values)


def settings(namespace: str, images: Mapping[str, str]) -> dict[str, object]:
    """What the test cluster differs in from what is usual."""
    return {
        "namespace": namespace,
        "images": {**dict.fromkeys(ROLES, PLATFORM), **images},
        "clusterDns": {"port": DNS_PORT},
        "apiServer": {"cidr": f"{NODE_ADDRESS}/32", "port": API_PORT},
    }


@contextmanager
def cluster_stack(kubeconfig: Path, namespace: str) -> Iterator[ClusterStack]:
    """A stack of that name that is not up yet; its namespace goes at the end, whatever happened."""
    from kubernetes import client, config

    connect: Any = config.new_client_from_config
    api = connect(str(kubeconfig))
    with project_folder() as project, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(kubeconfig))
        name_plugin(project / "Pulumi.yaml")
        stack = Stack(project, namespace, 0)
        made = ClusterStack(
            stack=stack,
            namespace=namespace,
            core=client.CoreV1Api(api),
            apps=client.AppsV1Api(api),
            storage=client.StorageV1Api(api),
            batch=client.BatchV1Api(api),
        )
        made.settings()
        try:
            yield made
        finally:
            _remove(made.core, namespace)


def name_plugin(file: Path) -> None:
    """Say in a `Pulumi.yaml` which plugin of kubernetes the tests run with."""
    project = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**project, "plugins": plugin.project_plugins("kubernetes")}))


def _remove(core: Any, namespace: str) -> None:
    from kubernetes.client import ApiException

    try:
        core.delete_namespace(namespace)
    except ApiException as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
