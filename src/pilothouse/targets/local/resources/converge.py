"""Resources whose create and update are the same idempotent operation.

A provider brings its object into the desired state (`ensure`), reports how it differs from that
(`observe`) and deletes it (`remove`). The difference is the output `drift`: a refresh sets it, the
next update repairs it, and it is empty otherwise.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import (
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.processes.engine_watch import end_with_engine

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Props = dict[str, Any]
SECRET = {"secret": True}  # the metadata of a field that becomes a secret


class ConvergingProvider(ResourceProvider):
    """The CRUD of a resource with `ensure`, `observe` and `remove`."""

    serialize_as_secret_always = False
    replace_on: frozenset[str] = frozenset()

    def configure(self, req: ConfigureRequest) -> None:
        end_with_engine()

    def ensure(self, props: Props) -> Props:
        """Bring the object into the desired state; return its outputs besides the inputs."""
        raise NotImplementedError

    def observe(self, props: Props) -> str | None:
        """How the object differs from the desired state: "" if not, None if it does not exist."""
        raise NotImplementedError

    def remove(self, props: Props) -> None:
        """Delete the object; does nothing if it does not exist."""
        raise NotImplementedError

    def create(self, props: Props) -> CreateResult:
        return CreateResult(str(props["name"]), self._converge(props))

    def update(self, _id: str, _olds: Props, news: Props) -> UpdateResult:
        return UpdateResult(self._converge(news))

    def read(self, id_: str, props: Props) -> ReadResult:
        with _located_errors():
            drift = self.observe(props)
        return ReadResult("" if drift is None else id_, {**props, "drift": drift or ""})

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        changed = [key for key, value in news.items() if olds.get(key) != value]
        replaces = sorted(self.replace_on.intersection(changed))
        return DiffResult(
            changes=bool(changed or olds.get("drift")),
            replaces=replaces,
            delete_before_replace=True,
        )

    def delete(self, _id: str, props: Props) -> None:
        with _located_errors():
            self.remove(props)

    def _converge(self, props: Props) -> Props:
        with _located_errors():
            return {**props, **self.ensure(props), "drift": ""}


class UnexpectedError(RuntimeError):
    """An error that no provider foresees, with its type and place."""


@contextmanager
def _located_errors() -> Iterator[None]:
    """Raise UnexpectedError instead of errors that are not ours.

    The engine shows the text of an error alone, which may be nothing but a key.
    """
    try:
        yield
    except PilothouseError:
        raise
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename}:{frame.lineno}, in {frame.name}"
        raise UnexpectedError(f"{type(error).__name__}: {error} ({place})") from error


class ConvergingResource(Resource):
    """A dynamic resource with the output `drift` besides its own."""

    drift: pulumi.Output[str]

    def __init__(
        self,
        provider: ConvergingProvider,
        name: str,
        props: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        outputs: tuple[str, ...] = (),
    ) -> None:
        declared = dict.fromkeys((*outputs, "drift"))
        super().__init__(provider, name, {**declared, **props}, opts)


def properties(args: DataclassInstance) -> Props:
    """The fields of `args` as properties of a resource, secret where their metadata says so."""
    return {
        item.name: _property(getattr(args, item.name), secret=item.metadata.get("secret", False))
        for item in fields(args)
    }


def _property(value: Any, *, secret: bool) -> Any:
    """A value for the engine; an empty one is not made secret, which would cost a millisecond."""
    if is_dataclass(value):
        return vars(value)
    if isinstance(value, Mapping):
        value = dict(value)
    elif isinstance(value, (list, tuple)):
        value = [_property(item, secret=False) for item in value]
    return pulumi.Output.secret(value) if secret and value else value
