"""The engine, as far as the provider talks to it."""

from __future__ import annotations

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Host:
    """Says things through the engine; says nothing if there is no address."""

    def __init__(self, address: str | None) -> None:
        channel = grpc.insecure_channel(address) if address else None
        self._engine = engine_pb2_grpc.EngineStub(channel) if channel else None

    def debug(self, message: str) -> None:
        """Shown by `pulumi --debug` only."""
        if self._engine:
            self._engine.Log(engine_pb2.LogRequest(severity=engine_pb2.DEBUG, message=message))
