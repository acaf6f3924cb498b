"""`pilothouse env`: the environment for raw `pulumi`, and for clients of a running stack."""

from __future__ import annotations

from pilothouse import proxies
from pilothouse.lifecycle.stack import Stack


def variables(stack: Stack, *, clients: bool) -> dict[str, str]:
    """What `pulumi` needs; with `clients`, also what clients of the running stack need.

    Raises SecretsLocked where the project's passphrase has been deleted.
    """
    stack.engine.require_passphrase()
    found = stack.project.variables(stack.plan.target)
    if not clients:
        return found
    contract = stack.contract()
    for _, capability in contract:
        found |= {**capability.environment, **capability.secrets}
    return found | proxies.bypassing(found, stack.clients.own_hosts(contract))
