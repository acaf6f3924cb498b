"""An AWS account as seen for one stack: its clients, and what in it bears the stack's marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.clients import api
from pilothouse.targets.aws.settings.regions import BY_REGION

if TYPE_CHECKING:
    from pilothouse.plan import Plan

MARKS = ("pilothouse-platform", "pilothouse-stack")
"""The tags that say whose a thing is; the owner and the date may change."""

Tags = Iterable[Mapping[str, str]] | Mapping[str, str]


class Account:
    """The account and the region of a stack."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @property
    def partition(self) -> str:
        """How the ARNs of the region begin after `arn:`."""
        return BY_REGION[self.plan.settings.region].name

    def client(self, service: str) -> Any:
        """The client of a service in the stack's region; it tries again by itself."""
        return api.client(service, self.plan.settings.region)

    def listed(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """The items under `key` on every page of a list call."""
        client = self.client(service)
        if not client.can_paginate(operation):
            yield from getattr(client, operation)(**arguments)[key]
            return
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page.get(key) or ()

    def owns(self, name: str = "", *, tags: Tags = (), arn: str = "") -> bool:
        """Whether a thing is the stack's: by its name, its tags, or a hint and its ARN."""
        return self._is_named(name) or self._is_tagged(tags) or arn in self.hints

    def bears(self, name: str) -> bool:
        """Whether a service or a workload made `name` from a name of the stack's."""
        return head(self.plan) in name and self.plan.suffix in re.split("[-/._:]", name)

    def _is_named(self, name: str) -> bool:
        plain = name.removeprefix("alias/")
        return plain.startswith(head(self.plan)) and plain.endswith(f"-{self.plan.suffix}")

    def _is_tagged(self, tags: Tags) -> bool:
        found = plain_tags(tags)
        return all(found.get(mark) == self.plan.tags[mark] for mark in MARKS)

    @cached_property
    def hints(self) -> frozenset[str]:
        """What the tagging API believes to be the stack's; nothing where it can't be asked.

        It names things that are gone and none that never had a tag, so it only helps to recognise
        what a service's own list has.
        """
        wanted = [{"Key": mark, "Values": [self.plan.tags[mark]]} for mark in MARKS]
        found = self.listed(
            "resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", TagFilters=wanted
        )
        try:
            with api.calling():
                return frozenset(item["ResourceARN"] for item in found)
        except api.AwsError:
            return frozenset()


def plain_tags(tags: Tags) -> dict[str, str]:
    """Tags by key, however a service writes them down."""
    if isinstance(tags, Mapping):
        return dict(tags)
    lowered = ({key.lower(): value for key, value in tag.items()} for tag in tags)
    return {
        tag.get("key", tag.get("tagkey", "")): tag.get("value", tag.get("tagvalue", ""))
        for tag in lowered
    }


def head(plan: Plan) -> str:
    """What every physical name of the stack begins with, however short it was cut."""
    return plan.platform.name[:8]
