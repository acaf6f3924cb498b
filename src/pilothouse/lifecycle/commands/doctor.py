"""`pilothouse doctor`: every check of the preflight, or the deployer's policies."""

from __future__ import annotations

from typing import Any

from pilothouse.errors import Refused
from pilothouse.lifecycle import preflight
from pilothouse.lifecycle.optional_parts import load_part
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.plan import Plan
from pilothouse.program.build import record_graph


def run(stack: Stack, report: Report) -> None:
    """Report every check; Refused where one fails, or the passphrase has been deleted."""
    checks = preflight.examine(stack)
    report.checks(checks)
    if all(check.ok for check in checks):  # the engine is there, which has the state
        checks.append(preflight.version_check(stack.engine.state_without_secrets()))
        report.checks(checks[-1:])
    report.document({"checks": [vars(check) for check in checks]})
    if not all(check.ok for check in checks):
        raise Refused("preflight failed")
    stack.engine.require_passphrase()


def policies(plan: Plan) -> list[dict[str, Any]]:
    """The policies that the deployer of a stack needs, as documents of its target.

    Raises Refused where the target has none.
    """
    permissions = load_part(plan, "permissions", lacking="has no such policies")
    found: list[dict[str, Any]] = permissions(plan, record_graph(plan))
    return found
