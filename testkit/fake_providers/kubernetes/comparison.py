"""Which differences between inputs and a live object mean something: the API server decides.

A quantity written in another way, a `false` that the server drops, a default that is left out: a
dry run of a patch shows that nothing would change there.
"""

from __future__ import annotations

from collections.abc import Sequence

from testkit.fake_providers.core.changes import Change, changes, lookup, patch, pruned, put, same
from testkit.fake_providers.core.values import Properties, has_unknown
from testkit.fake_providers.kubernetes.cluster import Cluster, Object, Refused, Unreachable
from testkit.fake_providers.kubernetes.ownership import CREATOR
from testkit.fake_providers.kubernetes.tokens import Kind

_IDENTITY = (("metadata", "name"), ("metadata", "namespace"))


def meant(cluster: Cluster, kind: Kind, live: Object, found: Sequence[Change]) -> list[Change]:
    """Those of the changes after which the server would show something else than `live`.

    All of them where it cannot tell: values that are unknown, an object that is not there, a
    change that it refuses.
    """
    tried = [change for change in found if _can_be_tried(change)]
    if not tried:
        return list(found)
    metadata = live["metadata"]
    try:
        result = cluster.patch(
            kind, metadata.get("namespace", ""), metadata["name"], patch(tried),
            dry_run="All", field_manager=CREATOR,
        )  # fmt: skip
    except (Refused, Unreachable):
        return list(found)
    silent = [c for c in tried if _shows_the_same(live, result, c)]
    return [change for change in found if change not in silent]


def inputs_seen(
    cluster: Cluster, kind: Kind, live: Object, old: Properties, seen: Properties
) -> Properties:
    """The old inputs with what drifted: where both mean the same, the old ones' way of writing."""
    back = list(changes(seen, old))
    meaningful = meant(cluster, kind, live, back)
    for change in back:
        if change not in meaningful:
            put(seen, change.path, change.value)
    return seen


def seen_inputs(live: Object, old: Properties) -> Properties:
    """The live object in the shape of the inputs."""
    shaped: Properties = pruned(live, old)
    return shaped


def _can_be_tried(change: Change) -> bool:
    return change.path not in _IDENTITY and not has_unknown(change.value)


def _shows_the_same(live: Object, result: Object, change: Change) -> bool:
    """At the change's place, as far as its value goes: the server adds defaults below it."""
    before, after = lookup(live, change.path), lookup(result, change.path)
    return before is after or same(before, after)
