"""Which rights each type of resource needs, and on what: the table behind the deployer's policy.

From AWS's service authorization reference and the provider's own calls. A right is scoped to the
names of the graph where the service can do that; what EC2 makes has no name of ours, so it is told
by the stack's tag.
"""

from collections.abc import Mapping, Sequence

from pilothouse.targets.aws.resources.rights.network import NETWORK
from pilothouse.targets.aws.resources.rights.right import Right
from pilothouse.targets.aws.resources.rights.services import SERVICES

RIGHTS: Mapping[str, Sequence[Right]] = {**NETWORK, **SERVICES}
"""By resource type: to create, read, update, delete and tag it."""
