"""The provider's protocol."""

# ruff: noqa: ARG002, N802  (the protocol's names and arguments)

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from testkit.fake_providers.aws import checks, resources, settings
from testkit.fake_providers.aws.clients import Clients
from testkit.fake_providers.aws.entry import Entry
from testkit.fake_providers.aws.faults import Control
from testkit.fake_providers.aws.resources import Resource
from testkit.fake_providers.aws.settings import Settings
from testkit.fake_providers.aws.table import entry_of
from testkit.fake_providers.core.host import Host
from testkit.fake_providers.core.protocol import changed, diff_response, failures, telling
from testkit.fake_providers.core.values import Properties, from_wire, to_wire

_PREFIX = "aws:config:"


def _wired(token: str, properties: Properties) -> Any:
    return to_wire(properties)


_telling = telling(_wired)


@dataclass(frozen=True)
class _Configured:
    settings: Settings
    clients: Clients


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Providers: each connection has its own configuration, so that one process can be many."""

    def __init__(
        self,
        host: Host,
        control: Control | None = None,
        endpoint: str | None = None,
        credentials: Mapping[str, str] | None = None,
    ) -> None:
        self._endpoint, self._credentials = endpoint, credentials or {}
        self.cancelled = Event()
        self.control = control or Control.of_environment()
        self._configured: dict[str, _Configured] = {}
        self._clients: dict[str, Clients] = {}
        self._lock = Lock()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """The version of the SDK, which the engine compares."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi-aws"))

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:
        """An engine has found a provider that was running already."""
        return empty_pb2.Empty()

    @_telling
    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Refuse arguments that the double does not have."""
        found = failures(settings.problems(from_wire(request.news)))
        return provider_pb2.CheckResponse(inputs=request.news, failures=found)

    @_telling
    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """Another region replaces everything; any other change is the provider's own."""
        old, new = from_wire(request.olds), from_wire(request.news)
        differing = sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))
        moved = [name for name in differing if name == "region"]
        return provider_pb2.DiffResponse(
            changes=changed(bool(differing)), diffs=differing, replaces=moved
        )

    @_telling
    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        """Take the arguments; AWS is not asked before it is needed."""
        given = {n.removeprefix(_PREFIX): value for n, value in request.variables.items()}
        chosen = Settings.of(given)
        kept = repr((chosen.region, chosen.endpoints, chosen.credentials))
        with self._lock:
            if kept not in self._clients:
                self._clients[kept] = Clients(
                    chosen.region,
                    chosen.endpoints,
                    chosen.credentials or self._credentials,
                    self.control,
                    self._endpoint,
                )
            self._configured[context.peer()] = _Configured(chosen, self._clients[kept])
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    @_telling
    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Hold the inputs against the SDK's types and AWS's own models, and complete them."""
        entry, mine = entry_of(request.type), self._mine(context)
        news, problems = checks.checked(
            request.type, entry, from_wire(request.news), mine.settings, mine.clients
        )
        return provider_pb2.CheckResponse(inputs=to_wire(news), failures=failures(problems))

    @_telling
    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """What an update would do."""
        entry = entry_of(request.type)
        old, news = from_wire(request.old_inputs), from_wire(request.news)
        found = resources.differences(entry, old, news)
        replaced = resources.replacing(entry, old, found)
        keeps_name = bool(entry.names) and all(old.get(n) == news.get(n) for n in entry.names)
        return diff_response(found, replaced, delete_first=bool(replaced) and keeps_name)

    @_telling
    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        """Make a resource, or say what it would be."""
        entry, news = entry_of(request.type), from_wire(request.properties)
        if request.preview:
            outputs = resources.previewed(entry, news)
            return provider_pb2.CreateResponse(properties=to_wire(outputs))
        resource = self._resource(entry, request, context, "create")
        resource_id, outputs = resources.created(resource, news)
        return provider_pb2.CreateResponse(id=resource_id, properties=to_wire(outputs))

    @_telling
    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        """A resource as it is."""
        entry = entry_of(request.type)
        old, state = from_wire(request.inputs), from_wire(request.properties)
        resource = self._resource(entry, request, context, "read")
        seen = resources.read(resource, request.id, old, state)
        if seen is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id, properties=to_wire(seen.outputs), inputs=to_wire(seen.inputs)
        )

    @_telling
    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        """Change a resource, or say what it would be."""
        entry = entry_of(request.type)
        state, old, news = map(from_wire, (request.olds, request.old_inputs, request.news))
        if request.preview:
            outputs = resources.previewed_update(entry, state, news)
        else:
            resource = self._resource(entry, request, context, "update")
            outputs = resources.updated(resource, request.id, state, old, news)
        return provider_pb2.UpdateResponse(properties=to_wire(outputs))

    @_telling
    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Remove a resource and wait until it is gone."""
        entry = entry_of(request.type)
        old, state = from_wire(request.old_inputs), from_wire(request.properties)
        resource = self._resource(entry, request, context, "delete")
        resources.deleted(resource, request.id, old, state)
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """The engine ends; a process that serves one engine ends every wait."""
        return empty_pb2.Empty()

    def _mine(self, context: Any) -> _Configured:
        return self._configured[context.peer()]

    def _resource(self, entry: Entry, request: Any, context: Any, phase: str) -> Resource:
        mine = self._mine(context)
        name = request.urn.rpartition("::")[2]
        label = f"{request.type.rpartition(':')[2]} {name}"
        return Resource(entry, label, phase, mine.settings, mine.clients, self.cancelled)
