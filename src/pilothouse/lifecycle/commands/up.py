"""`pilothouse up`: preflight, the engine, the proof if asked for, where to look."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import date

from pilothouse.contract import Contract
from pilothouse.lifecycle import (
    airflow_objects,
    airflow_requirements,
    cost_report,
    costs,
    dags,
    data_loss,
    kept_estimates,
    preflight,
    workload,
)
from pilothouse.lifecycle.apply import apply, read_state
from pilothouse.lifecycle.commands import expiry
from pilothouse.lifecycle.commands.verify import prove
from pilothouse.lifecycle.data_loss import AcceptLoss
from pilothouse.lifecycle.plugins import install_missing
from pilothouse.lifecycle.report import Report, contract_document, format_changes
from pilothouse.lifecycle.stack import Stack


def run(
    stack: Stack,
    report: Report,
    today: date,
    *,
    show_secrets: bool,
    and_verify: bool,
    accept_loss: AcceptLoss = data_loss.refuse,
) -> None:
    """Make the stack what its files say.

    Raises Refused, before anything is made, where its fixed costs exceed the budget, where the
    preflight fails, and where data would be lost and `accept_loss` does not accept that;
    InvalidInput where the team's files are wrong.
    """
    began = time.monotonic()
    _check_costs(stack, report, today)
    preflight.require(preflight.examine(stack))
    dag_files = dags.check(stack, report)
    airflow_requirements.resolve(stack, report)
    objects = airflow_objects.check(stack, report)
    package = _prepare_package(stack, report)
    state = read_state(stack, report)
    preflight.require([preflight.version_check(state)])
    objects = objects or airflow_objects.of_earlier(stack, state)
    install_missing(stack, report, state)
    losses = data_loss.find(stack.engine, state)
    accept_loss(losses)
    applied = apply(stack, report, state, f"setting up {stack.name}", losses=losses)
    seconds = {"up": round(time.monotonic() - began, 1)}
    report.say(f"{stack.name} is up after {seconds['up']} s: {format_changes(applied.changes)}")
    contract = Contract.from_output(applied.outputs["contract"])
    if package or dag_files or objects or stack.plan.platform.orchestration.requirements:
        with stack.operations.accessible(contract) as accessible:
            airflow_requirements.deliver(stack, accessible, report)
            if objects:
                airflow_objects.deliver(stack, accessible, report, objects)
            if dag_files:
                dags.deliver(stack, accessible, report, dag_files)
            if package:
                workload.deliver(stack, accessible, report, package)
    document = {"changes": applied.changes, "seconds": seconds}
    if and_verify:
        proof = prove(stack, contract, report)
        seconds["verify"] = proof.seconds
        document["proof"] = asdict(proof)
    expiry.show(stack, report, today)
    report.where(contract, show_secrets=show_secrets)
    report.document({**document, **contract_document(contract, show_secrets=show_secrets)})


def _check_costs(stack: Stack, report: Report, today: date) -> None:
    folder = stack.project.folder
    estimated = kept_estimates.estimate(folder, stack.plan, today, lambda: stack.graph)
    if estimated is None:
        return
    costs.require_budget(stack.plan, estimated)
    report.document({"estimate": cost_report.sums(estimated)})
    if warning := cost_report.over_budget(estimated, stack.plan.platform.pilot):
        report.warnings([warning])


def _prepare_package(stack: Stack, report: Report) -> workload.Prepared | None:
    platform = stack.plan.platform
    if platform.workload is None:
        return None
    return workload.prepare(stack, platform, platform.workload, report)
