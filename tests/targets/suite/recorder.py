"""A recorded graph with the questions that tests ask of it."""

from collections.abc import Callable, Mapping
from typing import Any

from pilothouse.targets import dry_run
from pilothouse.targets.dry_run import UNKNOWN, Outputs, Recorded, Secret, plain, revealed

__all__ = ["UNKNOWN", "Outputs", "Recorded", "Recording", "Secret", "plain", "record", "revealed"]


class Recording(dry_run.Recording):
    """What a program asked for, found by labels."""

    def one(self, label: str) -> Recorded:
        """The resource of that label; ValueError unless there is exactly one."""
        found: Recorded
        (found,) = (resource for resource in self if resource.label == label)
        return found

    def kind(self, kind: str) -> list[Recorded]:
        """Every resource of a kind, such as `Service`, sorted by URN."""
        return [resource for resource in self if resource.type.rpartition(":")[2] == kind]

    def needs(self, resource: Recorded) -> frozenset[str]:
        """The labels of all that has to be there before `resource`, and that outlives it."""
        found: set[str] = set()
        waiting = [resource]
        while waiting:
            for urn in waiting.pop().after:
                needed = self.resources[urn]
                if needed.label not in found:
                    found.add(needed.label)
                    waiting.append(needed)
        return frozenset(found)


def record(program: Callable[[], Any], answers: Mapping[str, Outputs], **options: Any) -> Recording:
    """`pilothouse.targets.dry_run.record`, as a graph that can be asked."""
    return Recording(**vars(dry_run.record(program, answers, **options)))
