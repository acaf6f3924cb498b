"""What is said of every resource: its name, its provider, that it can go, what it may cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.targets.aws.policies.view import Stack, given, kind
from tests.targets.suite.recorder import Recorded

NAMES: Mapping[str, tuple[str, int]] = {
    "Alias": ("name", 256),
    "Bucket": ("bucket", 63),
    "Budget": ("name", 100),
    "Domain": ("domainName", 63),
    "Environment": ("name", 80),
    "LogGroup": ("name", 512),
    "MlflowApp": ("name", 256),
    "MlflowTrackingServer": ("trackingServerName", 256),
    "ModelPackageGroup": ("modelPackageGroupName", 63),
    "Pipeline": ("pipelineName", 256),
    "Repository": ("name", 256),
    "Role": ("name", 64),
    "RolePolicy": ("name", 128),
    "Schedule": ("name", 64),
    "ScheduleGroup": ("name", 64),
    "SecurityGroup": ("name", 255),
    "UserProfile": ("userProfileName", 63),
}
"""Where a kind has its name, and the characters that its service bears."""

HOLD_DATA = frozenset(
    {
        *("Bucket", "Domain", "Environment", "Key"),
        *("MlflowApp", "MlflowTrackingServer", "ModelPackageGroup"),
    }
)
"""The kinds of what holds data, or what data need."""

GIVES_UP = {"Bucket": ("forceDestroy", True), "Repository": ("forceDelete", True)}
"""What must be said before the teardown, or it ends where the first object is."""


def names_tell_the_stack(stack: Stack) -> Iterator[str]:
    """Physical names are short enough and end as every name of this stack does."""
    suffix = stack.plan.suffix
    for resource in stack.resources:
        key, limit = NAMES.get(kind(resource), ("", 0))
        name = given(resource).get(key, "")
        ending = suffix in name if kind(resource) == "LogGroup" else name.endswith(suffix)
        if key and (not ending or len(name) > limit):
            yield f"{resource.label} is called {name}"
        tag = given(resource).get("tags", {}).get("Name", suffix)
        if not tag.endswith(suffix):
            yield f"{resource.label} is tagged {tag}"


def names_are_no_others(stack: Stack) -> Iterator[str]:
    """Two things of a kind have two names."""
    seen: dict[tuple[str, str], str] = {}
    for resource in stack.resources:
        key, _ = NAMES.get(kind(resource), ("", 0))
        if key:
            name = kind(resource), given(resource).get(key, "")
            if name in seen:
                yield f"{resource.label} is called like {seen[name]}"
            seen[name] = resource.label


def the_provider_is_the_stacks(stack: Stack) -> Iterator[str]:
    """Nothing is made with credentials or in a region that the stack file does not name."""
    made = [resource for resource in stack.graph if resource.type == "pulumi:providers:aws"]
    if len(made) != 1:
        yield f"there are {len(made)} providers"
    for provider in made:
        if given(provider).get("region") != stack.plan.settings.region:
            yield f"{provider.label} is in {given(provider).get('region')}"
        if "profile" in given(provider) or "accessKey" in given(provider):
            yield f"{provider.label} has credentials of its own"
    for resource in stack.resources:
        if not any(resource.provider.startswith(f"{provider.urn}::") for provider in made):
            yield f"{resource.label} is made by {resource.provider or 'whatever provider there is'}"


def the_provider_tags(stack: Stack) -> Iterator[str]:
    """What a component would forget to tag has the stack's tags from the provider."""
    for resource in stack.graph:
        if resource.type == "pulumi:providers:aws":
            tags = _parsed(given(resource).get("defaultTags")).get("tags", {})
            if not stack.plan.tags.items() <= tags.items():
                yield f"{resource.label} gives {sorted(tags)}"


def everything_can_go(stack: Stack) -> Iterator[str]:
    """No resource stays behind, refuses to go, or goes later than it must."""
    for resource in stack.resources:
        if resource.retain_on_delete or given(resource).get("skipDestroy"):
            yield f"{resource.label} stays"
        key, wanted = GIVES_UP.get(kind(resource), ("", None))
        if key and given(resource).get(key) is not wanted:
            yield f"{resource.label} stays while anything is in it"
    for domain in stack.kind("Domain"):
        if given(domain).get("retentionPolicy") != {"homeEfsFileSystem": "Delete"}:
            yield f"{domain.label} leaves its file system behind"
    for lock in stack.kind("Key"):
        if given(lock).get("deletionWindowInDays") != 7:
            yield f"{lock.label} waits for {given(lock).get('deletionWindowInDays')} days"


def data_are_protected(stack: Stack) -> Iterator[str]:
    """The engine neither deletes nor replaces what holds data, and is free with all else."""
    for resource in stack.resources:
        if resource.protect is not (kind(resource) in HOLD_DATA):
            yield f"{resource.label} is {'protected' if resource.protect else 'not protected'}"


def nothing_is_ignored(stack: Stack) -> Iterator[str]:
    """What somebody changes outside is seen."""
    for resource in stack.resources:
        if resource.ignore_changes:
            yield f"{resource.label} ignores changes of {', '.join(resource.ignore_changes)}"


def the_budget_is_watched(stack: Stack) -> Iterator[str]:
    """The platform's budget a month, and alarms before it is spent and when it will be."""
    amount = float(stack.plan.platform.pilot.monthly_budget)
    found = stack.kind("Budget")
    if len(found) != 1:
        yield f"there are {len(found)} budgets"
    for budget in found:
        known = given(budget)
        if float(known["limitAmount"]) != amount or known["limitUnit"] != "USD":
            yield f"{budget.label} is {known['limitAmount']} {known['limitUnit']}"
        if (known["timeUnit"], known["budgetType"]) != ("MONTHLY", "COST"):
            yield f"{budget.label} is not of a month's costs"
        if "@" in stack.plan.platform.owner:
            yield from _unheard(budget)


def old_versions_go(stack: Stack) -> Iterator[str]:
    """What was deleted or written over goes when the platform says, not before."""
    days = stack.plan.platform.storage.retention_days
    for resource in stack.kind("BucketLifecycleConfiguration"):
        rules = [rule for rule in given(resource)["rules"] if rule["status"] == "Enabled"]
        kept = [rule["noncurrentVersionExpiration"]["noncurrentDays"] for rule in rules
                if "noncurrentVersionExpiration" in rule]  # fmt: skip
        if kept != [days]:
            yield f"{resource.label} keeps old versions for {kept} days"
        if not any("abortIncompleteMultipartUpload" in rule for rule in rules):
            yield f"{resource.label} keeps what nobody finished"
        if any("days" in rule.get("expiration", {}) for rule in rules):
            yield f"{resource.label} takes what is still in use"


def sizes_are_the_platforms(stack: Stack) -> Iterator[str]:
    """A larger platform has a larger environment; a job with GPUs a machine that has them."""
    for resource in stack.kind("Environment"):
        known = given(resource)
        if known.get("environmentClass") != f"mw1.{stack.plan.size}":
            yield f"{resource.label} is {known.get('environmentClass')}"
        if not 1 <= known.get("minWorkers", 0) <= known.get("maxWorkers", 0):
            workers = f"{known.get('minWorkers')} to {known.get('maxWorkers')}"
            yield f"{resource.label} has {workers} workers"
    for resource in stack.kind("MlflowTrackingServer"):
        wanted = stack.plan.settings.tracking.size or stack.plan.size
        if given(resource).get("trackingServerSize", "").lower() != wanted.lower():
            yield f"{resource.label} is {given(resource).get('trackingServerSize')}"


def _unheard(budget: Recorded) -> Iterator[str]:
    alarms = given(budget).get("notifications") or []
    kinds = {(alert["notificationType"], alert["threshold"]) for alert in alarms}
    if ("FORECASTED", 100) not in kinds or not any(k == "ACTUAL" and t < 100 for k, t in kinds):
        yield f"{budget.label} warns too late: {sorted(kinds)}"
    for alert in alarms:
        how = alert["comparisonOperator"], alert["thresholdType"]
        if not alert.get("subscriberEmailAddresses") or how != ("GREATER_THAN", "PERCENTAGE"):
            yield f"{budget.label} tells nobody of {alert['threshold']} %"


def _parsed(value: Any) -> dict[str, dict[str, str]]:
    """A provider's inputs are texts where they are not plain."""
    return dict(json.loads(value) if isinstance(value, str) else value or {})
