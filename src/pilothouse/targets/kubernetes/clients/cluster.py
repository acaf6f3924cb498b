"""The cluster of a stack, reached as kubectl would reach it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

TIMEOUT = (5.0, 30.0)  # seconds to connect, and for an answer


class Cluster:
    """The API of the cluster that the kubeconfig's context names."""

    def __init__(self, settings: KubernetesSettings) -> None:
        self.settings = settings

    @cached_property
    def client(self) -> Any:
        """The client; PilothouseError where no kubeconfig says where the cluster is."""
        from kubernetes import client, config

        connection: Any = client.Configuration()
        connection.retries = 0
        load: Any = config.load_kube_config
        try:
            load(os.environ.get("KUBECONFIG"), self.settings.context, connection)
        except config.ConfigException as error:
            remedy = "set KUBECONFIG, or `context` under `pilothouse:kubernetes` in the stack file"
            raise PilothouseError(f"no way to the cluster: {error}; {remedy}") from error
        return client.ApiClient(connection)

    @cached_property
    def core(self) -> Any:
        """Namespaces, pods, services, volumes."""
        from kubernetes.client import CoreV1Api

        return CoreV1Api(self.client)

    @cached_property
    def apps(self) -> Any:
        """Deployments and StatefulSets."""
        from kubernetes.client import AppsV1Api

        return AppsV1Api(self.client)

    @cached_property
    def batch(self) -> Any:
        """Jobs and CronJobs."""
        from kubernetes.client import BatchV1Api

        return BatchV1Api(self.client)

    @cached_property
    def storage(self) -> Any:
        """StorageClasses."""
        from kubernetes.client import StorageV1Api

        return StorageV1Api(self.client)

    @cached_property
    def networking(self) -> Any:
        """Ingresses and their classes."""
        from kubernetes.client import NetworkingV1Api

        return NetworkingV1Api(self.client)

    @cached_property
    def groups(self) -> Any:
        """The APIs that the cluster has."""
        from kubernetes.client import ApisApi

        return ApisApi(self.client)

    @cached_property
    def custom(self) -> Any:
        """Objects of APIs that a cluster may lack."""
        from kubernetes.client import CustomObjectsApi

        return CustomObjectsApi(self.client)

    @cached_property
    def access(self) -> Any:
        """What this kubeconfig may do."""
        from kubernetes.client import AuthorizationV1Api

        return AuthorizationV1Api(self.client)

    def version(self) -> tuple[int, int]:
        """Kubernetes' major and minor version."""
        from kubernetes.client import VersionApi

        with self.answering():
            found = VersionApi(self.client).get_code(_request_timeout=TIMEOUT)
        return int(found.major), int("".join(c for c in found.minor if c.isdigit()))

    def find(self, call: Any, *arguments: Any, **options: Any) -> Any:
        """What a call of the API answers; None if it finds nothing. PilothouseError otherwise."""
        from kubernetes.client import ApiException

        with self.answering():
            try:
                return call(*arguments, _request_timeout=TIMEOUT, **options)
            except ApiException as error:
                if error.status == 404:  # noqa: PLR2004 - HTTP's not found
                    return None
                raise

    def listed(self, call: Any, *arguments: Any, **options: Any) -> list[Any]:
        """The items of what a call lists; none where the cluster has no such kind."""
        found = self.find(call, *arguments, **options)
        if found is None:
            return []
        return list(found["items"] if isinstance(found, dict) else found.items)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turn what can go wrong on the way into one line."""
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError

        host = self.client.configuration.host
        try:
            yield
        except ApiException as error:
            raise PilothouseError(f"the cluster at {host} refuses: {_reason(error)}") from error
        except HTTPError as error:
            raise PilothouseError(f"the cluster at {host} does not answer: {error}") from error


def _reason(error: Any) -> str:
    import json

    try:
        return str(json.loads(error.body)["message"])
    except (KeyError, TypeError, ValueError):
        return str(error.reason)
