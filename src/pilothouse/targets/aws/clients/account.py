"""An AWS account as seen for one stack: its clients, and what in it belongs to the stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pilothouse.targets.aws.clients import api

if TYPE_CHECKING:
    from pilothouse.targets.aws.settings.target import AwsPlan

STACK_TAGS = ("pilothouse-platform", "pilothouse-stack")
"""The tags that say which stack a resource belongs to; the owner and the expiry may change."""

Tags = Iterable[Mapping[str, str]] | Mapping[str, str]


class Account:
    """The account and the region of a stack."""

    def __init__(self, plan: AwsPlan) -> None:
        self.plan = plan

    @property
    def partition(self) -> str:
        """The partition of the region, such as `aws`."""
        partition: str = self.plan.settings.partition
        return partition

    def client(self, service: str) -> Any:
        """The client of a service in the stack's region; it retries by itself."""
        return api.client(service, self.plan.settings.region)

    def errors(self) -> AbstractContextManager[None]:
        """Raise AwsError for whatever boto3 raises within the context."""
        return api.calling()

    def list_items(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """The items under `key` on every page of a list call."""
        client = self.client(service)
        if not client.can_paginate(operation):
            yield from getattr(client, operation)(**arguments)[key]
            return
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page.get(key) or ()

    def belongs_to_stack(self, name: str = "", *, tags: Tags = (), arn: str = "") -> bool:
        """Whether a resource is the stack's: by its name, its tags, or its ARN in `tagged_arns`."""
        return self._is_stack_name(name) or self._has_stack_tags(tags) or arn in self.tagged_arns

    def is_derived_name(self, name: str) -> bool:
        """Whether a service or a workload derived `name` from one of the stack's names."""
        parts = re.split("[-/._:]", name)
        return name_prefix(self.plan) in name and self.plan.suffix in parts

    def _is_stack_name(self, name: str) -> bool:
        plain = name.removeprefix("alias/")
        return plain.startswith(name_prefix(self.plan)) and plain.endswith(f"-{self.plan.suffix}")

    def _has_stack_tags(self, tags: Tags) -> bool:
        values = tags_by_key(tags)
        return all(values.get(key) == self.plan.tags[key] for key in STACK_TAGS)

    @cached_property
    def tagged_arns(self) -> frozenset[str]:
        """The ARNs that the tagging API has with the stack's tags; none where it can't be asked.

        It has resources that are gone, and none that never had a tag, so it only helps to recognise
        what a service's own list has.
        """
        filters = [{"Key": key, "Values": [self.plan.tags[key]]} for key in STACK_TAGS]
        mappings = self.list_items(
            "resourcegroupstaggingapi",
            "get_resources",
            "ResourceTagMappingList",
            TagFilters=filters,
        )
        try:
            with self.errors():
                return frozenset(mapping["ResourceARN"] for mapping in mappings)
        except api.AwsError:
            return frozenset()


def tags_by_key(tags: Tags) -> dict[str, str]:
    """Tags by key, in whichever of its forms a service returns them."""
    if isinstance(tags, Mapping):
        return dict(tags)
    lowered = ({key.lower(): value for key, value in tag.items()} for tag in tags)
    return {
        tag.get("key", tag.get("tagkey", "")): tag.get("value", tag.get("tagvalue", ""))
        for tag in lowered
    }


def name_prefix(plan: AwsPlan) -> str:
    """What every physical name of the stack begins with, however short it was cut."""
    return plan.platform.name[:8]
