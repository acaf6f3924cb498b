"""Makes, changes, reads and removes resources by the table, in Pulumi's terms."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from testkit.fake_providers.aws.clients import Clients, Refused
from testkit.fake_providers.aws.comparison import means, same
from testkit.fake_providers.aws.entry import Call, Context, Entry, Put, Read
from testkit.fake_providers.aws.faults import Point
from testkit.fake_providers.aws.language import mapped, value_of, without_nothing
from testkit.fake_providers.aws.settings import Settings
from testkit.fake_providers.core.changes import MISSING, Change, lookup
from testkit.fake_providers.core.protocol import Failed, PartlyDone
from testkit.fake_providers.core.values import UNKNOWN, Properties, has_unknown

PATIENCE = float(os.environ.get("PILOTHOUSE_DOUBLE_PATIENCE", "10"))
"""Seconds that a resource has to get ready, and that what it depends on has to go."""

_PAUSE = 0.02
_HELD = frozenset(
    {
        "BucketNotEmpty", "ConflictException", "DeleteConflict", "DependencyViolation",
        "InvalidParameterValue.InUse", "OperationAborted", "ResourceInUse", "ValidationException",
    }
)  # fmt: skip
"""A deletion is tried again where it may only be too early."""


@dataclass(frozen=True)
class Seen:
    """A resource as it is."""

    outputs: Properties
    inputs: Properties


@dataclass
class Resource:
    """What one request of the engine is about, and the calls that it takes."""

    entry: Entry
    name: str
    phase: str
    settings: Settings
    clients: Clients
    cancelled: Event
    context: dict[str, Any] = field(default_factory=dict)

    def begin(
        self, inputs: Properties, resource_id: str = "", old: Properties | None = None
    ) -> None:
        """What expressions see from now on."""
        self.context = {
            "in": inputs, "old": old or {}, "id": resource_id, "region": self.settings.region,
            "account": self.settings.account, "made": {},
        }  # fmt: skip

    def __call__(self, service: str, operation: str, /, **request: Any) -> Any:
        """Make a request; None if the thing is not there, Refused for any other failure."""
        point = Point(self.phase, self.name, service, operation)
        return self.clients.call(point, request)

    def make(self, call: Call) -> Any:
        """Make a request of the table, if it is to be made."""
        if call.when and not value_of(call.when, self.context):
            return None
        request = without_nothing(value_of(call.request, self.context))
        return self(call.service or self.entry.service, call.operation, **request)

    def found(self, call: Call) -> Any:
        """The answer to a question, or to a deletion; None if the thing is not there."""
        try:
            return self.make(call)
        except Refused as error:
            if is_missing(error, call):
                return None
            raise

    def read(self) -> bool:
        """Take what AWS says of it into the context; whether it is there."""
        for number, read in enumerate(self.entry.reads):
            self.context[read.name] = self._picked(read)
            if not number and not self.context[read.name]:
                return False
        return True

    def _picked(self, read: Read) -> Any:
        answer = self.found(read)
        return None if answer is None else value_of(read.pick, {**self.context, **answer})


def is_missing(error: Refused, call: Call) -> bool:
    """Whether an error says that there is no such thing."""
    code = error.code
    return code in call.missing or "NotFound" in code or code.startswith("NoSuch") or code == "404"


def created(resource: Resource, news: Properties) -> tuple[str, Properties]:
    """Make a resource; PartlyDone if it was made and what follows failed."""
    resource.begin(news)
    entry, context = resource.entry, resource.context
    try:
        context["made"] = resource.make(entry.create)
    except Refused as error:
        raise Failed(str(error)) from error
    context["id"] = resource_id = value_of(entry.id, context)
    try:
        run(resource, (put for put in entry.puts if put.on_create))
        outputs = awaited(resource, news)
    except (Refused, Failed) as error:
        raise PartlyDone(str(error), resource_id, news, news, [str(error)]) from error
    return resource_id, outputs


def updated(
    resource: Resource, resource_id: str, state: Properties, old: Properties, news: Properties
) -> Properties:
    """Bring a resource into a new state; without a change, all of what it is told again."""
    resource.begin(news, resource_id, old)
    changed = {change.path[0] for change in differences(resource.entry, old, news)}
    puts = [put for put in resource.entry.puts if not changed or put.inputs & changed]
    try:
        _needed(resource)
        run(resource, puts)
        if not changed or "tags" in changed:
            retag(resource, news)
        return awaited(resource, news)
    except (Refused, Failed) as error:
        message = str(error) if isinstance(error, Refused) else error.message
        raise PartlyDone(message, resource_id, state, old, [message]) from error


def _needed(resource: Resource) -> None:
    if not resource.read():
        gone = resource.context["id"]
        raise Failed(f"{gone} is not there; `pulumi refresh` makes it anew")


def run(resource: Resource, puts: Iterable[Put]) -> None:
    """Make the calls of puts."""
    for put in puts:
        if put.hook:
            put.hook(resource, resource.context)
        for call in put.calls:
            resource.make(call)


def retag(resource: Resource, news: Properties) -> None:
    """Set the tags that are not there, and remove those that should not be."""
    entry, context = resource.entry, resource.context
    if entry.tags is None:
        return
    live, wanted = mapped(seen(entry, context, "tags")), mapped(news.get("tags"))
    extra = sorted(live.keys() - wanted.keys())
    context["keys"], context["tags"] = extra, {k: v for k, v in wanted.items() if live.get(k) != v}
    if extra:
        resource.make(entry.tags.remove)
    if context["tags"]:
        resource.make(entry.tags.add)


def awaited(resource: Resource, news: Properties) -> Properties:
    """The outputs of a resource once it is ready."""
    entry, end = resource.entry, time.monotonic() + PATIENCE
    while True:
        if not resource.read():
            raise Failed(f"{resource.context['id']} is not there although it was made")
        if not entry.ready or value_of(entry.ready, resource.context):
            return outputs(resource, news)
        if entry.failed and value_of(entry.failed, resource.context):
            raise Failed(f"{resource.context['id']} failed")
        if time.monotonic() > end or resource.cancelled.wait(_PAUSE):
            raise Failed(f"{resource.context['id']} did not get ready")


def outputs(resource: Resource, inputs: Properties) -> Properties:
    """What a program sees of a resource."""
    entry, context = resource.entry, resource.context
    found = {name: value_of(text, context) for name, text in entry.outputs.items()}
    filled = {name: seen(entry, context, name) for name in entry.computed if name not in inputs}
    tags = {"tagsAll": inputs.get("tags", {})} if entry.tags else {}
    shown = without_nothing({**filled, **inputs, **found, **tags, "region": context["region"]})
    return dict(shown)


def seen(entry: Entry, context: Context, name: str) -> Any:
    """What an input is in the cloud."""
    how = entry.seen.get(name)
    if how is None:
        return None
    return value_of(how, context) if isinstance(how, str) else how(context)


def read(resource: Resource, resource_id: str, old: Properties, state: Properties) -> Seen | None:
    """A resource as it is; None if there is none. Without inputs: an import."""
    resource.begin(old or state, resource_id)
    try:
        if not resource.read():
            return None
    except Refused as error:
        raise Failed(str(error)) from error
    entry, context = resource.entry, resource.context
    if old:
        inputs = {name: _now(entry, context, name, value) for name, value in old.items()}
        if entry.tags and "tags" not in old:
            inputs["tags"] = mapped(seen(entry, context, "tags"))
    else:
        inputs = {name: seen(entry, context, name) for name in entry.seen}
    inputs = {name: value for name, value in inputs.items() if value not in (None, {}, [], "")
              or name in old}  # fmt: skip
    inputs = without_nothing(inputs)
    return Seen(outputs(resource, inputs), inputs)


def _now(entry: Entry, context: Context, name: str, old: Any) -> Any:
    """An input as it was written, if that is what it is in the cloud; else what it is there."""
    if name not in entry.seen:
        return old
    live = seen(entry, context, name)
    is_same = same(old, mapped(live)) if name == "tags" else means(old, live)
    return old if is_same else live


def differences(entry: Entry, old: Properties, news: Properties) -> list[Change]:
    """In which inputs the new ones mean something else than the old ones."""
    found = []
    for name in sorted(old.keys() | news.keys()):
        before, after = old.get(name, MISSING), news.get(name, MISSING)
        if after is MISSING:
            if name not in entry.computed and before not in (None, {}, [], "", False):
                found.append(Change((name,), "delete"))
        elif before is MISSING:
            if after not in (None, {}, []):
                found.append(Change((name,), "add", after))
        elif has_unknown(after) or not same(before, after):
            found.append(Change((name,), "update", after))
    return found


def replacing(entry: Entry, old: Properties, changes: Iterable[Change]) -> list[Change]:
    """Those of the changes that need another resource."""
    return [change for change in changes if _replaces(entry, old, change)]


def _replaces(entry: Entry, old: Properties, change: Change) -> bool:
    name = str(change.path[0])
    if name not in entry.in_place:
        return True
    inner = [tuple(path.split(".")) for path in entry.replaces if path.startswith(f"{name}.")]
    new = {name: change.value} if change.value is not MISSING else {}
    return any(not same(_or_none(old, path), _or_none(new, path)) for path in inner)


def _or_none(value: Any, path: tuple[str, ...]) -> Any:
    found = lookup(value, path)
    return None if found is MISSING else found


def previewed(entry: Entry, news: Properties) -> Properties:
    """The outputs of a creation that is only shown."""
    unknown = dict.fromkeys((*entry.outputs, *entry.computed), UNKNOWN)
    tags = {"tagsAll": news.get("tags", {})} if entry.tags else {}
    return {**unknown, **news, **tags}


def previewed_update(entry: Entry, state: Properties, news: Properties) -> Properties:
    """The outputs of an update that is only shown."""
    unknown = dict.fromkeys(entry.volatile, UNKNOWN)
    tags = {"tagsAll": news.get("tags", {})} if entry.tags else {}
    return {**state, **news, **unknown, **tags}


def deleted(resource: Resource, resource_id: str, old: Properties, state: Properties) -> None:
    """Remove a resource and wait until it is gone; it may be gone already."""
    resource.begin(old or state, resource_id)
    entry = resource.entry
    try:
        if not resource.read():
            return
        if entry.before_delete:
            entry.before_delete(resource, resource.context)
        for call in entry.delete:
            _persistently(resource, call)
        if entry.ready:
            _until_gone(resource)
    except Refused as error:
        raise Failed(str(error)) from error


def _persistently(resource: Resource, call: Call) -> None:
    """Delete, again and again while something else still has to go."""
    end, pause = time.monotonic() + PATIENCE, _PAUSE
    while True:
        try:
            resource.found(call)
        except Refused as error:
            if error.code not in _HELD or time.monotonic() > end or resource.cancelled.wait(pause):
                raise
            pause = min(pause * 1.5, 0.5)
        else:
            return


def _until_gone(resource: Resource) -> None:
    end = time.monotonic() + PATIENCE
    while resource.read():
        if time.monotonic() > end or resource.cancelled.wait(_PAUSE):
            raise Failed(f"{resource.context['id']} did not go")
