"""The API of a stack's cluster, through the dynamic client.

Objects are read as `kubernetes.dynamic` gives them: fields by the names of the API, such as
`pod.status.containerStatuses`, and None for fields that are not set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes.clients import kubeconfig
from pilothouse.targets.kubernetes.clients.kinds import POD, Kind

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesSettings

TIMEOUT = (5.0, 30.0)  # seconds to connect, and to wait for an answer


class Cluster:
    """The API of the cluster that the kubeconfig's context names.

    Every method raises PilothouseError where the kubeconfig cannot be loaded, where the cluster
    does not answer and where it refuses a request.
    """

    def __init__(self, settings: KubernetesSettings) -> None:
        self.settings = settings

    @cached_property
    def client(self) -> Any:
        """The client of the API, configured by the kubeconfig."""
        from kubernetes import client, config
        from yaml import YAMLError

        connection: Any = client.Configuration()
        connection.retries = 0
        load: Any = config.load_kube_config
        try:
            context = self.settings.context or kubeconfig.current_context()
            load(kubeconfig.location(), context, connection)
        except (config.ConfigException, OSError, UnicodeError, YAMLError) as error:
            remedy = "set KUBECONFIG, or `context` under `pilothouse:kubernetes` in the stack file"
            raise PilothouseError(f"cannot load kubeconfig: {error}; {remedy}") from error
        return client.ApiClient(connection)

    @cached_property
    def _dynamic(self) -> Any:
        from kubernetes.dynamic import DynamicClient

        dynamic: Any = DynamicClient
        return dynamic(self.client, discoverer=lambda _client, _cache_file: None)

    def version(self) -> tuple[int, int]:
        """Kubernetes' major and minor version."""
        version = json.loads(self._request("get", "/version/", serialize=False).data)
        minor = "".join(character for character in version["minor"] if character.isdigit())
        return int(version["major"]), int(minor)

    def api_groups(self) -> list[str]:
        """The names of the API groups that the cluster serves."""
        answer = self._find("/apis/", serialize=False)
        return [group["name"] for group in json.loads(answer.data)["groups"]] if answer else []

    def get(self, kind: Kind, name: str, namespace: str = "") -> Any:
        """An object; None if it does not exist."""
        return self._find(kind.resource.path(name=name, namespace=namespace))

    def list_objects(self, kind: Kind, namespace: str = "", **selectors: str) -> list[Any]:
        """Objects of a kind by `label_selector` and `field_selector`.

        Those of all namespaces if none is named; none where the cluster has no such kind.
        """
        answer = self._find(kind.resource.path(namespace=namespace), **selectors)
        return list(answer.items) if answer else []

    def create(self, kind: Kind, body: Mapping[str, Any], namespace: str = "") -> Any:
        """Create an object; the object as the API stored it."""
        path = kind.resource.path(namespace=namespace)
        head = {"apiVersion": kind.api_version, "kind": kind.name}
        return self._request("post", path, body={**head, **body})

    def patch(self, kind: Kind, name: str, namespace: str, body: Mapping[str, Any]) -> None:
        """Merge `body` into an object, if that exists."""
        content_type = "application/merge-patch+json"
        path = kind.resource.path(name=name, namespace=namespace)
        self._find(path, method="patch", body=dict(body), content_type=content_type)

    def delete(self, kind: Kind, name: str, namespace: str = "", propagation: str = "") -> None:
        """Delete an object, if that exists, by a propagation policy such as `Foreground`."""
        path = kind.resource.path(name=name, namespace=namespace)
        self._find(path, method="delete", propagation_policy=propagation or None)

    def read_log(self, pod: str, namespace: str, container: str, lines: int | None = None) -> str:
        """The log of a container, or its last lines; empty if the pod does not exist."""
        query = [("container", container), *([("tailLines", lines)] if lines is not None else [])]
        path = f"{POD.resource.path(name=pod, namespace=namespace)}/log"
        answer = self._find(path, query_params=query, serialize=False)
        return answer.data.decode(errors="replace") if answer else ""

    def _find(self, path: str, *, method: str = "get", **options: Any) -> Any:
        """The answer to a request; None where nothing is found at `path`."""
        from kubernetes.dynamic.exceptions import NotFoundError

        with self._translate_errors():
            try:
                return self._dynamic.request(method, path, _request_timeout=TIMEOUT, **options)
            except NotFoundError:
                return None

    def _request(self, method: str, path: str, **options: Any) -> Any:
        with self._translate_errors():
            return self._dynamic.request(method, path, _request_timeout=TIMEOUT, **options)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
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
    try:
        return str(json.loads(error.body)["message"])
    except (KeyError, TypeError, ValueError):
        return str(error.reason)
