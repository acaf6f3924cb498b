"""The provider's protocol."""

# ruff: noqa: ARG002, N802  (the protocol's names and arguments)

from __future__ import annotations

import importlib.metadata
from threading import Event
from typing import Any

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from testkit.fake_providers.core.host import Host
from testkit.fake_providers.core.protocol import (
    PartlyDone,
    changed,
    diff_response,
    failures,
    telling,
)
from testkit.fake_providers.core.values import Properties, from_wire, to_wire
from testkit.fake_providers.kubernetes import checks, schemas, settings
from testkit.fake_providers.kubernetes.cluster import Cluster
from testkit.fake_providers.kubernetes.objects import Objects
from testkit.fake_providers.kubernetes.paths import parsed
from testkit.fake_providers.kubernetes.secrets import guarded, normalized
from testkit.fake_providers.kubernetes.tokens import Kind

_PREFIX = "kubernetes:config:"


def _wired(token: str, properties: Properties) -> Any:
    return to_wire(guarded(Kind.of(token), properties))


_telling = telling(_wired)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider."""

    def __init__(self, host: Host) -> None:
        self._host, self.cancelled = host, Event()
        self._cluster = Cluster(None, None)
        self._namespace: str | None = None
        self._objects = Objects(self._cluster, settings.Settings(), self.cancelled)

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """The version of the SDK, which the engine compares."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi-kubernetes"))

    @_telling
    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Refuse arguments that the double does not have."""
        found = failures(settings.problems(from_wire(request.news)))
        return provider_pb2.CheckResponse(inputs=request.news, failures=found)

    @_telling
    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """Another cluster replaces everything; any other change is the provider's own."""
        old, new = from_wire(request.olds), from_wire(request.news)
        differing = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
        return provider_pb2.DiffResponse(
            changes=changed(bool(differing)),
            diffs=sorted(differing),
            replaces=settings.replacing(old, new) if differing else [],
        )

    @_telling
    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        """Take the arguments; the API server is not asked before it is needed."""
        given = {n.removeprefix(_PREFIX): value for n, value in request.variables.items()}
        chosen = settings.Settings.of(given)
        self._cluster = Cluster(chosen.kubeconfig, chosen.context)
        self._namespace = chosen.namespace
        self._objects = Objects(self._cluster, chosen, self.cancelled)
        if not schemas.AVAILABLE:
            self._host.debug("kubernetes-validate is not installed: only types are checked")
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    @_telling
    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Hold the inputs against the SDK's types, and complete them."""
        kind = Kind.of(request.type)
        namespace = self._namespace or self._cluster.default_namespace
        news, problems = checks.checked(
            kind, from_wire(request.news), namespace, self._cluster.namespaced
        )
        inputs = to_wire(guarded(kind, news))
        return provider_pb2.CheckResponse(inputs=inputs, failures=failures(problems))

    @_telling
    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """What an update would do."""
        kind = Kind.of(request.type)
        state, old, news = map(from_wire, (request.olds, request.old_inputs, request.news))
        found = self._objects.diff(kind, state, normalized(kind, old), normalized(kind, news))
        return diff_response(found.changes, found.replacing, delete_first=found.delete_first)

    @_telling
    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        """Make an object, or say what it would be."""
        kind, news = Kind.of(request.type), from_wire(request.properties)
        if request.preview:
            outputs = self._objects.previewed(kind, news)
            return provider_pb2.CreateResponse(properties=to_wire(guarded(kind, outputs)))
        resource_id, outputs = self._objects.create(kind, news, request.timeout)
        properties = to_wire(guarded(kind, outputs))
        return provider_pb2.CreateResponse(id=resource_id, properties=properties)

    @_telling
    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        """An object as it is."""
        kind = Kind.of(request.type)
        state, old = from_wire(request.properties), from_wire(request.inputs)
        seen = self._objects.read(kind, request.id, state, normalized(kind, old))
        if seen is None:
            return provider_pb2.ReadResponse()
        if seen.unready:
            raise PartlyDone(seen.unready[0], seen.resource_id, seen.outputs, seen.inputs,
                             seen.unready)  # fmt: skip
        return provider_pb2.ReadResponse(
            id=seen.resource_id,
            properties=to_wire(guarded(kind, seen.outputs)),
            inputs=to_wire(guarded(kind, seen.inputs)),
        )

    @_telling
    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        """Change an object, or say what it would be."""
        kind = Kind.of(request.type)
        state, news = from_wire(request.olds), from_wire(request.news)
        if request.preview:
            outputs = self._objects.previewed_update(kind, state, news)
        else:
            ignored = [parsed(path) for path in request.ignoreChanges]
            outputs = self._objects.update(kind, state, news, request.timeout, ignored)
        return provider_pb2.UpdateResponse(properties=to_wire(guarded(kind, outputs)))

    @_telling
    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Delete an object and wait until it is gone."""
        kind, state = Kind.of(request.type), from_wire(request.properties)
        self._objects.delete(kind, request.id, state, request.timeout)
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """End every wait."""
        self.cancelled.set()
        return empty_pb2.Empty()
