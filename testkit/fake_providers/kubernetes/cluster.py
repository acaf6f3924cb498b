"""One API server, through the dynamic client."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import yaml
from kubernetes import client, config
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.discovery import LazyDiscoverer
from kubernetes.dynamic.exceptions import DynamicApiError, ResourceNotFoundError
from urllib3.exceptions import HTTPError

from testkit.fake_providers.kubernetes.tokens import CLUSTER_SCOPED, Kind

Object = dict[str, Any]
_TIMEOUT = (5.0, 60.0)  # seconds to connect, and to read
_CONNECTIONS = 32
_NO_FILE = f"{os.devnull}/none"


class _InMemory(LazyDiscoverer):
    """Discovery that is forgotten with the process: the next cluster may have the same address."""

    def _write_cache(self) -> None:
        pass


class Unreachable(Exception):
    """The API server does not answer, or there is no usable kubeconfig."""


@dataclass
class Refused(Exception):
    """The API server said no: its code, its reason such as `AlreadyExists`, its message."""

    code: int
    reason: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message


def kubeconfig_of(value: str) -> dict[str, Any]:
    """A kubeconfig from its path or its content; ValueError if it is neither."""
    path = Path(value).expanduser()
    is_content = "\n" in value or value.lstrip().startswith("{")
    try:
        content = yaml.safe_load(value if is_content else path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"failed to parse kubeconfig: {type(error).__name__}: {path}") from error
    if not isinstance(content, dict):
        raise ValueError("failed to parse kubeconfig: it is no mapping")  # noqa: TRY004
    return content


class Cluster:
    """Reads and changes objects; every method raises Refused or Unreachable."""

    def __init__(self, kubeconfig: str | None, context: str | None) -> None:
        self._kubeconfig, self._context = kubeconfig, context
        self._discovering = threading.Lock()
        self._found: dict[Kind, Any] = {}

    @cached_property
    def default_namespace(self) -> str:
        """The namespace of the context, as kubectl has it."""
        try:
            contexts, current = self._contexts()
        except (config.ConfigException, ValueError):
            return "default"
        chosen = next((c for c in contexts if c["name"] == self._context), current)
        return str((chosen.get("context") or {}).get("namespace") or "default")

    def namespaced(self, kind: Kind) -> bool:
        """Whether objects of the kind are in a namespace; guessed if nobody can be asked."""
        if kind.name in CLUSTER_SCOPED:
            return False
        try:
            return bool(self._resource(kind).namespaced)
        except (Refused, Unreachable):
            return True

    def find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None if there is none."""
        try:
            return self._request("get", kind, namespace, name)
        except Refused as error:
            if error.code == 404:
                return None
            raise

    def listed(self, kind: Kind, namespace: str, **selectors: str) -> list[Object]:
        """The objects of a kind in a namespace, by `label_selector` and `field_selector`."""
        return list(self._request("get", kind, namespace, None, **selectors).get("items", []))

    def create(self, kind: Kind, namespace: str, body: Object, **options: Any) -> Object:
        """Make an object; Refused with AlreadyExists if it is there."""
        return self._request("post", kind, namespace, None, body=body, **options)

    def apply(self, kind: Kind, namespace: str, body: Object, **options: Any) -> Object:
        """Server-side apply: `field_manager`, `force_conflicts`, `dry_run`."""
        content = "application/apply-patch+yaml"
        name = body["metadata"]["name"]
        return self._request(
            "patch", kind, namespace, name, body=body, content_type=content, **options
        )

    def patch(
        self, kind: Kind, namespace: str, name: str, operations: Sequence[Object], **options: Any
    ) -> Object:
        """Change an object by a JSON patch."""
        content = "application/json-patch+json"
        return self._request(
            "patch", kind, namespace, name, body=list(operations), content_type=content, **options
        )

    def replace(self, kind: Kind, namespace: str, body: Object, **options: Any) -> Object:
        """Put a whole object in the place of the one of its name."""
        name = body["metadata"]["name"]
        return self._request("put", kind, namespace, name, body=body, **options)

    def delete(self, kind: Kind, namespace: str, name: str, policy: str) -> None:
        """Begin to delete an object; nothing to do if it is not there."""
        body = {"propagationPolicy": policy}
        try:
            self._request("delete", kind, namespace, name, body=body)
        except Refused as error:
            if error.code != 404:
                raise

    def _request(
        self, method: str, kind: Kind, namespace: str, name: str | None, **options: Any
    ) -> Object:
        resource = self._resource(kind)
        path = resource.path(name=name, namespace=namespace or None)
        try:
            answer = self._dynamic.request(
                method, path, serialize=False, _request_timeout=_TIMEOUT, **options
            )
        except DynamicApiError as error:
            raise _refused(error) from error
        except HTTPError as error:
            raise Unreachable(str(error)) from error
        found: Object = json.loads(answer.data)
        return found

    def _resource(self, kind: Kind) -> Any:
        with self._discovering:
            if kind not in self._found:
                self._found[kind] = self._discover(kind)
            return self._found[kind]

    def _discover(self, kind: Kind) -> Any:
        prefix = "apis" if kind.group else "api"
        try:
            return self._dynamic.resources.get(
                prefix=prefix, group=kind.group, api_version=kind.version, kind=kind.name
            )
        except ResourceNotFoundError as error:
            said = f'no matches for kind "{kind.name}" in version "{kind.api_version}"'
            raise Refused(404, "NoMatch", said) from error
        except DynamicApiError as error:
            raise _refused(error) from error
        except HTTPError as error:
            raise Unreachable(str(error)) from error

    @cached_property
    def _dynamic(self) -> Any:
        dynamic: Any = DynamicClient
        return dynamic(self._api(), cache_file=_NO_FILE, discoverer=_InMemory)

    def _api(self) -> Any:
        settings, loader = client.Configuration(), cast("Any", config)
        options = {"context": self._context, "client_configuration": settings}
        try:
            if self._kubeconfig is None:
                loader.load_kube_config(**options)
            else:
                loader.load_kube_config_from_dict(kubeconfig_of(self._kubeconfig), **options)
        except (config.ConfigException, ValueError) as error:
            raise Unreachable(f"unable to load the kubeconfig: {error}") from error
        settings.retries = False
        settings.connection_pool_maxsize = _CONNECTIONS
        return client.ApiClient(settings)

    def _contexts(self) -> tuple[list[Object], Object]:
        if self._kubeconfig is None:
            contexts, current = config.list_kube_config_contexts()  # type: ignore[no-untyped-call]
            return list(contexts), current
        loaded = kubeconfig_of(self._kubeconfig)
        contexts = loaded.get("contexts") or []
        named = loaded.get("current-context")
        return contexts, next((c for c in contexts if c["name"] == named), {})


def _refused(error: DynamicApiError) -> Refused:
    try:
        status = json.loads(error.body or "")
    except (TypeError, ValueError):
        status = {}
    return Refused(
        int(error.status),
        status.get("reason", str(error.reason)),
        status.get("message", str(error.reason)),
        status.get("details") or {},
    )
