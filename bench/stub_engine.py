"""Pulumi programs without an engine, which here answers every request at once.

What is left is the cost of the program, and of the Pulumi SDK on its behalf.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime import config, mocks, settings, stack
from pulumi.runtime.proto import resource_pb2
from tests.targets.suite.mocked_types import MOCKED


class StubMonitor(mocks.MockMonitor):
    """Answers like the engine with an unchanged stack: every output is known."""

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the monitor's interface
        state = struct_pb2.Struct()
        state.CopyFrom(request.object)
        if outputs := MOCKED.get(request.type):
            state.update(outputs(request.name, json_format.MessageToDict(request.object)))
        urn = self.make_urn(request.parent, request.type, request.name)
        made = request.name if request.custom else ""
        return resource_pb2.RegisterResourceResponse(urn=urn, id=made, object=state)


class _NoMocks(mocks.Mocks):
    """The monitor answers by itself; nothing else may be asked."""

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise NotImplementedError

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        raise NotImplementedError


def print_cost(
    program: Callable[[], Any], root: str = "", values: Mapping[str, str] | None = None
) -> None:
    """Run `program` in a stack, and print what that cost as JSON.

    Seconds on the `wall`'s clock, of the processor (`cpu`), and of that what was used when the
    program came to its end and the SDK had still to register what was asked for (`program`).
    """
    _configure(root)
    config.set_all_config(dict(values or {}))
    cost = dict[str, float]()
    clock, processor = time.perf_counter(), time.process_time()

    def timed() -> None:
        program()
        cost["program"] = time.process_time() - processor

    asyncio.run(stack.run_in_stack(timed))
    cost |= {"wall": time.perf_counter() - clock, "cpu": time.process_time() - processor}
    json.dump(cost, sys.stdout)


def _configure(root: str) -> None:
    settings.configure(
        settings.Settings(
            project="pilothouse",
            stack="bench",
            monitor=StubMonitor(_NoMocks()),
            engine=mocks.MockEngine(None),
            root_directory=root,
        )
    )
