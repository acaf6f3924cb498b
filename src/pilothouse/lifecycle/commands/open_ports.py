"""`pilothouse open`: the consoles, accessible on this machine for a while."""

from __future__ import annotations

from collections.abc import Callable

from pilothouse.lifecycle.report import Report, contract_document
from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, report: Report, *, show_secrets: bool, wait: Callable[[], None]) -> None:
    """Make the consoles accessible from here until `wait` returns."""
    with stack.operations.accessible(stack.contract()) as contract:
        report.where(contract, show_secrets=show_secrets)
        report.document(contract_document(contract, show_secrets=show_secrets))
        report.say("press Ctrl-C to end")
        report.close()  # who reads it can use the ports now
        wait()
