"""`pilothouse up`: preflight, the engine, the proof if asked for, where to look."""

from __future__ import annotations

import time
from dataclasses import asdict

from pilothouse.contract import Contract
from pilothouse.lifecycle import preflight
from pilothouse.lifecycle.apply import apply, read_state
from pilothouse.lifecycle.commands.verify import prove
from pilothouse.lifecycle.report import Report, contract_document, format_changes
from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, report: Report, *, show_secrets: bool, and_verify: bool) -> None:
    """Make the stack what its files say.

    Raises Refused, before anything is made, where the preflight fails.
    """
    began = time.monotonic()
    preflight.require(preflight.examine(stack))
    applied = apply(stack, report, read_state(stack, report), f"setting up {stack.name}")
    seconds = {"up": round(time.monotonic() - began, 1)}
    report.say(f"{stack.name} is up after {seconds['up']} s: {format_changes(applied.changes)}")
    contract = Contract.from_output(applied.outputs["contract"])
    document = {"changes": applied.changes, "seconds": seconds}
    if and_verify:
        proof = prove(stack, contract, report)
        seconds["verify"] = proof.seconds
        document["proof"] = asdict(proof)
    report.where(contract, show_secrets=show_secrets)
    report.document({**document, **contract_document(contract, show_secrets=show_secrets)})
