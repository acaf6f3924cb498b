"""What each command does, from an opened stack to a report: a module a verb."""

from pilothouse.lifecycle.commands import (
    doctor,
    down,
    env,
    gc,
    init,
    list_stacks,
    lock,
    logs,
    open_ports,
    people,
    preview,
    render,
    restore,
    status,
    up,
    verify,
)

__all__ = [
    "doctor",
    "down",
    "env",
    "gc",
    "init",
    "list_stacks",
    "lock",
    "logs",
    "open_ports",
    "people",
    "preview",
    "render",
    "restore",
    "status",
    "up",
    "verify",
]
