"""A resource's inputs before anything is made of them."""

from __future__ import annotations

from collections.abc import Callable

from testkit.fake_providers.core.inputs import Problem
from testkit.fake_providers.core.values import Properties, has_unknown
from testkit.fake_providers.kubernetes import inputs, quantities, schemas, secrets
from testkit.fake_providers.kubernetes.tokens import Kind


def checked(
    kind: Kind, given: Properties, namespace: str, is_namespaced: Callable[[Kind], bool]
) -> tuple[Properties, list[Problem]]:
    """The inputs with their namespace, apiVersion and kind, and what is wrong with them."""
    news: Properties = {"apiVersion": kind.api_version, "kind": kind.name, **given}
    problems = inputs.problems(kind, news) + _of_name(news)
    if not problems and is_namespaced(kind):
        metadata = {"namespace": namespace} | news["metadata"]
        news = news | {"metadata": metadata}
    if not problems and not has_unknown(news):
        news = quantities.normalized(news)
        problems = schemas.problems(news)
    return secrets.normalized(kind, news) if not problems else news, problems


def _of_name(news: Properties) -> list[Problem]:
    metadata = news.get("metadata")
    if isinstance(metadata, dict) and metadata.get("name"):
        return []
    return [("metadata.name", "is required: the double makes up no names")]
