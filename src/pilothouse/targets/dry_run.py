"""Runs a Pulumi program without an engine and records every request for a resource.

The program runs as the language host runs it, in a stack of its own: `record(program, answers)`.
Nothing of one recording reaches the next: each has its own context, event loop and settings.
"""

import asyncio
import contextvars
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf import empty_pb2, json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime import mocks, rpc, settings, stack
from pulumi.runtime.proto import engine_pb2, resource_pb2

PROJECT = "pilothouse"
STACK_TYPE = "pulumi:pulumi:Stack"

Outputs = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""What a provider adds to the inputs of a resource, from its name and its plain inputs.

The resource's id is its name, unless there is an `id` among them.
"""


@dataclass(frozen=True)
class Secret:
    """A value that travelled as a Pulumi secret."""

    value: Any


class Unknown:
    """A value that a preview does not know yet."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()
STATE_OUTPUTS = "pulumi:pulumi:readStackResourceOutputs"
"""The engine's function that reads a state's resources; an expired pilot's program calls it."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One request for a resource. Secrets and unknown values stand as such in `inputs`."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    dependencies: frozenset[str]
    property_dependencies: Mapping[str, frozenset[str]]
    inputs: Mapping[str, Any]
    secret_outputs: frozenset[str]
    retain_on_delete: bool
    protect: bool
    ignore_changes: tuple[str, ...]
    aliases: int
    provider: str

    @property
    def label(self) -> str:
        """Its kind and its name, such as `Service mlflow`."""
        return f"{self.type.rpartition(':')[2]} {self.name}"

    @property
    def after(self) -> frozenset[str]:
        """The URNs of what has to be there before it: its dependencies and its parent."""
        return (self.dependencies | {self.parent}) - {""}


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What a program asked for: its resources by URN, the stack's outputs, what it warned of."""

    resources: Mapping[str, Recorded]
    outputs: Mapping[str, Any]
    warnings: tuple[str, ...]

    def __iter__(self) -> Iterator[Recorded]:
        """Its resources, sorted by URN."""
        return (self.resources[urn] for urn in sorted(self.resources))


def record(
    program: Callable[[], Any],
    answers: Mapping[str, Outputs],
    *,
    stack_name: str = "local",
    root_directory: str = "",
    config: Mapping[str, str] | None = None,
    preview: bool = False,
) -> Recording:
    """Run `program` to its end; whatever it raises, also in a callback, is raised here.

    `answers` gives the outputs of each resource type that the program may ask for; another type is
    a KeyError. In a preview every output that is no input is unknown.
    """
    monitor, engine = _Monitor(answers, preview=preview), _Engine()
    made_settings = partial(
        settings.Settings,
        project=PROJECT,
        stack=stack_name,
        monitor=monitor,
        engine=engine,
        dry_run=preview,
        root_directory=root_directory,
    )
    with _without_garbage_collection():
        contextvars.Context().run(_run, program, made_settings, dict(config or {}))
    return Recording(
        resources=dict(monitor.recorded),
        outputs=monitor.stack_outputs,
        warnings=tuple(engine.warnings),
    )


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A collection walks through every class of the SDKs, which took half of a recording's time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _run(
    program: Callable[[], Any],
    made_settings: Callable[[], settings.Settings],
    config: dict[str, str],
) -> None:
    settings.ROOT.set(None)
    settings.configure(made_settings())  # they stand in the context in which they are made
    from pulumi.runtime import config as pulumi_config

    pulumi_config.set_all_config(config)
    try:
        with asyncio.Runner() as runner:
            # The first error is raised; those that follow from it need no word.
            runner.get_loop().set_exception_handler(lambda _loop, _context: None)
            runner.run(stack.run_in_stack(program))
    finally:
        settings.ROOT.set(None)
        settings.reset_options()
        pulumi_config.set_all_config({})


class _Engine(mocks.MockEngine):
    """Keeps what the program warns of."""

    def __init__(self) -> None:
        super().__init__(None)
        self.warnings: list[str] = []

    def Log(self, request: Any) -> None:  # noqa: N802 - the engine's interface
        if request.severity == engine_pb2.WARNING:
            self.warnings.append(request.message)


class _Monitor(mocks.MockMonitor):
    """Answers like the engine and its providers, and keeps each request."""

    def __init__(self, answers: Mapping[str, Outputs], *, preview: bool) -> None:
        super().__init__(_Unused())
        self.answers, self.preview = answers, preview
        self.recorded: dict[str, Recorded] = {}
        self.stack_outputs: Mapping[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the monitor's interface
        urn = self.make_urn(request.parent, request.type, request.name)
        if urn in self.recorded:
            raise ValueError(f"two resources have the URN {urn}")
        self.recorded[urn] = _recorded(urn, request)
        state = struct_pb2.Struct()
        state.CopyFrom(request.object)
        made = ""
        if request.custom and not request.type.startswith("pulumi:providers:"):
            answer = self.answers[request.type]
            if not self.preview:
                made = request.name
                inputs = revealed(_values(request.object))
                for key, value in answer(request.name, inputs).items():
                    secret = key in request.additionalSecretOutputs
                    state.fields[key].CopyFrom(_value(value, secret=secret))
                made = state.fields["id"].string_value if "id" in state.fields else made
        return resource_pb2.RegisterResourceResponse(urn=urn, id=made, object=state)

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - the monitor's interface
        if request.tok == STATE_OUTPUTS:
            return resource_pb2.ResourceInvokeResponse()  # a dry run has no state
        raise AssertionError(f"the program looks something up while it runs: {request.tok}")

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - the monitor's interface
        raise AssertionError(f"the program reads a resource: {request.type}")

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the monitor's interface
        if self.recorded[request.urn].type == STACK_TYPE:
            self.stack_outputs = _values(request.outputs)
        return empty_pb2.Empty()


class _Unused(mocks.Mocks):
    """The monitor answers by itself."""

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise NotImplementedError

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        raise NotImplementedError


def _recorded(urn: str, request: Any) -> Recorded:
    dependencies = request.propertyDependencies.items()
    return Recorded(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        dependencies=frozenset(request.dependencies),
        property_dependencies={key: frozenset(value.urns) for key, value in dependencies},
        inputs=_values(request.object),
        secret_outputs=frozenset(request.additionalSecretOutputs),
        retain_on_delete=request.retainOnDelete,
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        aliases=len(request.aliases),
        provider=request.provider,
    )


def _values(message: struct_pb2.Struct) -> dict[str, Any]:
    return {key: _unwrapped(value) for key, value in json_format.MessageToDict(message).items()}


def _unwrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # the wire has floats only
    if not isinstance(value, dict):
        return UNKNOWN if value == rpc.UNKNOWN else value
    if value.get(rpc._special_sig_key) == rpc._special_secret_sig:
        return Secret(_unwrapped(value["value"]))
    return {key: _unwrapped(item) for key, item in value.items()}


def _value(value: Any, *, secret: bool) -> struct_pb2.Value:
    wrapped = {rpc._special_sig_key: rpc._special_secret_sig, "value": value} if secret else value
    return json_format.ParseDict(wrapped, struct_pb2.Value())


def revealed(value: Any) -> Any:
    """`value` with what is in its secrets."""
    if isinstance(value, Secret):
        return revealed(value.value)
    if isinstance(value, dict):
        return {key: revealed(item) for key, item in value.items()}
    return [revealed(item) for item in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """`value` as a state or a log would show it: without what is in its secrets."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value
