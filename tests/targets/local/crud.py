"""A provider called as the engine calls it, its outputs handed on."""

from collections.abc import Mapping
from typing import Any

from pilothouse.targets.local.resources.converge import ConvergingProvider

State = dict[str, Any]


def create(provider: ConvergingProvider, inputs: Mapping[str, Any]) -> State:
    made = provider.create(dict(inputs)).outs
    assert made is not None
    return made


def update(provider: ConvergingProvider, olds: State, news: Mapping[str, Any]) -> State:
    made = provider.update("id", olds, {**olds, **news}).outs
    assert made is not None
    return made


def refresh(provider: ConvergingProvider, state: State) -> State:
    """What a refresh of a resource that is there has found."""
    read = provider.read("id", state)
    assert read.id == "id"
    assert read.outs is not None
    return read.outs


def is_gone(provider: ConvergingProvider, state: State) -> bool:
    """Whether a refresh finds the thing gone, so that the next update makes it again."""
    return provider.read("id", state).id == ""


def is_changed(provider: ConvergingProvider, olds: State, news: Mapping[str, Any]) -> bool:
    return bool(provider.diff("id", olds, dict(news)).changes)
