"""What providers answer the engine, whatever they are providers of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import grpc  # type: ignore[import-untyped]
from google.protobuf import struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2, status_pb2

from testkit.fake_providers.core.changes import Change
from testkit.fake_providers.core.inputs import Problem

_KINDS = provider_pb2.PropertyDiff.Kind
Method = TypeVar("Method", bound=Callable[..., Any])
Wired = Callable[[str, dict[str, Any]], struct_pb2.Struct]
"""Turns the properties of a resource of a type into a message."""


@dataclass
class Failed(Exception):
    """What the user is told."""

    message: str


@dataclass
class PartlyDone(Exception):
    """The resource is there, and is not ready: it goes into the state, and the update fails."""

    message: str
    resource_id: str
    outputs: dict[str, Any]
    inputs: dict[str, Any]
    reasons: list[str]


def telling(
    wired: Callable[[str, dict[str, Any]], struct_pb2.Struct],
) -> Callable[[Method], Method]:
    """Errors as the engine shows them, without a traceback.

    `wired` turns the properties of a resource of a type into a message.
    """

    def decorated(method: Method) -> Method:
        @wraps(method)
        def told(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
            try:
                return method(self, request, context)
            except PartlyDone as error:
                context.set_trailing_metadata(_details(error, request.type, wired))
                context.abort(grpc.StatusCode.UNKNOWN, error.message)
            except (Failed, ValueError) as error:
                message = error.message if isinstance(error, Failed) else str(error)
                context.abort(grpc.StatusCode.UNKNOWN, message)

        return told  # type: ignore[return-value]

    return decorated


def failures(problems: Iterable[Problem]) -> list[provider_pb2.CheckFailure]:
    """Problems as a check answers them."""
    return [provider_pb2.CheckFailure(property=p, reason=f"{p} {said}") for p, said in problems]


def changed(is_changed: bool) -> Any:
    """Whether anything differs."""
    answers = provider_pb2.DiffResponse
    return answers.DIFF_SOME if is_changed else answers.DIFF_NONE


def diff_response(
    changes: Iterable[Change], replacing: Iterable[Change], *, delete_first: bool
) -> provider_pb2.DiffResponse:
    """What differs, and what of it cannot be changed in place."""
    found, replaced = list(changes), list(replacing)
    return provider_pb2.DiffResponse(
        changes=changed(bool(found)),
        diffs=sorted({str(change.path[0]) for change in found}),
        replaces=[change.label for change in replaced],
        deleteBeforeReplace=delete_first,
        detailedDiff={change.label: _property_diff(change, change in replaced) for change in found},
        hasDetailedDiff=True,
    )


def _property_diff(change: Change, is_replacing: bool) -> provider_pb2.PropertyDiff:
    name = change.kind.upper() + ("_REPLACE" if is_replacing else "")
    return provider_pb2.PropertyDiff(kind=_KINDS.Value(name), inputDiff=change.kind == "delete")


def _details(error: PartlyDone, token: str, wired: Wired) -> tuple[tuple[str, bytes]]:
    """What the engine needs to keep a resource that did not become ready."""
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=error.message)
    status.details.add().Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.resource_id,
            properties=wired(token, error.outputs),
            reasons=error.reasons,
            inputs=wired(token, error.inputs),
        )
    )
    return (("grpc-status-details-bin", status.SerializeToString()),)
