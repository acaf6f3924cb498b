"""Whether the stack whose program runs is set up already, which only the engine can tell."""

import pulumi
from pulumi.runtime import invoke


def is_set_up() -> bool:
    """Whether the engine's state has any resource of this stack beside the stack itself."""
    from pilothouse.targets.dry_run import STATE_OUTPUTS

    found = invoke(STATE_OUTPUTS, {"stackName": pulumi.get_stack()}).value or {}
    return len(found.get("outputs") or {}) > 1
