"""What of a stack exists in its account, by the list calls of each service.

No state is asked: what a killed run made, and what services made behind the graph's back, is in
no state.
"""

from pilothouse.targets.aws.resources import (
    around,
    network,
    orchestration,
    storage,
    studio,
    training,
)
from pilothouse.targets.aws.resources.kinds import Kind

KINDS = (
    *training.KINDS,
    *studio.KINDS,
    *orchestration.KINDS,
    *storage.KINDS,
    *network.KINDS,
    *around.KINDS,
)
"""Every kind, in the order in which they can be deleted."""


def named(name: str) -> Kind:
    """The kind with that name."""
    return next(kind for kind in KINDS if kind.name == name)
