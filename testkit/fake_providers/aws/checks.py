"""A resource's inputs before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from testkit.fake_providers.aws import models, tokens
from testkit.fake_providers.aws.clients import Clients
from testkit.fake_providers.aws.entry import Call, Entry
from testkit.fake_providers.aws.language import value_of, without_nothing
from testkit.fake_providers.aws.settings import Settings
from testkit.fake_providers.core import inputs
from testkit.fake_providers.core.inputs import Problem
from testkit.fake_providers.core.values import UNKNOWN, Properties


def checked(
    token: str, entry: Entry, given: Properties, settings: Settings, clients: Clients
) -> tuple[Properties, list[Problem]]:
    """The inputs with the provider's tags, and what is wrong with them."""
    news = with_tags(entry, given, settings.default_tags)
    problems = inputs.problems(tokens.arguments(token), news)
    problems += [
        (name, "is not modelled by the double") for name in sorted(set(news) - entry.modelled)
    ]
    problems += [
        (name, "is required: the double makes up no names")
        for name in entry.names if not news.get(name)
    ]  # fmt: skip
    return news, problems or list(_of_requests(entry, news, settings, clients))


def with_tags(entry: Entry, given: Properties, default: Mapping[str, str]) -> Properties:
    """The inputs with the provider's default tags below their own."""
    tags = given.get("tags") or {}
    if entry.tags is None or tags == UNKNOWN or not (default or tags):
        return given
    return given | {"tags": {**default, **tags}}


def _of_requests(
    entry: Entry, news: Properties, settings: Settings, clients: Clients
) -> Iterator[Problem]:
    """Nothing that a request is checked for depends on what is known only later."""
    context = {
        "in": news, "old": {}, "id": UNKNOWN, "region": settings.region,
        "account": settings.account, "made": {},
    }  # fmt: skip
    yield from _of_call(entry, entry.create, context, clients)
    for call in (call for put in entry.puts for call in put.calls):
        if not call.when or value_of(call.when, context):
            yield from _of_call(entry, call, context, clients)
    for put in entry.puts:
        for request in put.requests(context):
            yield from _of_request(clients.model(entry.service), put.operation, request)


def _of_call(
    entry: Entry, call: Call, context: Mapping[str, Any], clients: Clients
) -> Iterator[Problem]:
    request = without_nothing(value_of(call.request, context))
    yield from _of_request(clients.model(call.service or entry.service), call.operation, request)


def _of_request(model: Any, operation: str, request: Mapping[str, Any]) -> Iterator[Problem]:
    for path, said in models.problems(model, operation, request):
        yield path or operation, said
