"""`pilothouse verify`: the workload's run, and where its token was found."""

from __future__ import annotations

from dataclasses import asdict

from pilothouse.contract import Contract
from pilothouse.lifecycle.proof.verify import NotProved, Proof, verify
from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack


def run(stack: Stack, report: Report) -> None:
    """Prove the running stack; NotProved where the workload's token is not found everywhere.

    A stack of which anything is stopped is not proved: its run would wait for that.
    """
    _require_nothing_stopped(stack)
    report.document(asdict(prove(stack, stack.contract(), report)))


def _require_nothing_stopped(stack: Stack) -> None:
    services = stack.operations.services()
    if stopped := [f"{each.name}: {each.detail}" for each in services if each.state == "stopped"]:
        raise NotProved("\n".join([*stopped, f"run `pilothouse resume {stack.name}`"]))


def prove(stack: Stack, contract: Contract, report: Report) -> Proof:
    """The proof, reported."""
    with stack.operations.accessible(contract) as accessible:
        if said := stack.operations.prepare_proof(accessible):
            report.say(said)
        proof = verify(accessible, stack.clients, report.say)
    report.proof(proof)
    return proof
