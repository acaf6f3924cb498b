"""What each command does, from an opened stack to a report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from pilothouse.contract import Contract
from pilothouse.errors import PilothouseError, Refused, one_of
from pilothouse.lifecycle import preflight, teardown
from pilothouse.lifecycle.engine.automation import Applied, Engine
from pilothouse.lifecycle.engine.backend_locks import Lock
from pilothouse.lifecycle.engine.progress import Progress
from pilothouse.lifecycle.images import lock as image_lock
from pilothouse.lifecycle.images.lock import Locked
from pilothouse.lifecycle.proof.verify import Proof
from pilothouse.lifecycle.proof.verify import verify as prove
from pilothouse.lifecycle.recovery import recover
from pilothouse.lifecycle.rendering.render import render as write_down
from pilothouse.lifecycle.report import Report, leftover_document
from pilothouse.lifecycle.stack import Stack, planned
from pilothouse.lifecycle.watch import Watch
from pilothouse.plan import Plan
from pilothouse.targets.interface import Backup


class NotAsExpected(PilothouseError):
    """What was looked at is not as it should be."""


def open_stack(folder: Path, name: str | None, *, today: date | None) -> Stack:
    """The stack that a command works on."""
    return Stack.open(folder, name, today=today)


def open_plan(folder: Path, name: str | None, *, today: date | None) -> Plan:
    """The plan of the stack that a command works on, where no engine is needed."""
    _, plan = planned(folder, name, today=today)
    return plan


def up(stack: Stack, report: Report, *, show_secrets: bool, and_verify: bool) -> None:
    """Preflight, then the engine, the proof if asked; says where to look."""
    began = time.monotonic()
    preflight.require(preflight.examine(stack))
    _take_over(stack.engine, report)
    applied = _applied(stack, report, f"setting up {stack.name}")
    seconds = {"up": round(time.monotonic() - began, 1)}
    report.say(f"{stack.name} is up after {seconds['up']} s: {_counts(applied.changes)}")
    contract = Contract.from_output(applied.outputs["contract"])
    document = {"changes": applied.changes, "seconds": seconds}
    if and_verify:
        proof = _prove(stack, contract, report)
        seconds["verify"] = proof.seconds
        document["proof"] = asdict(proof)
    report.where(contract, show_secrets=show_secrets)
    report.document({**document, **_contract_document(contract, show_secrets)})


def preview(stack: Stack, report: Report, *, refresh: bool, expect_no_changes: bool) -> None:
    """The engine's preview, a line for each change."""
    with Progress(report.console, f"previewing {stack.name}", preview=True) as progress:
        changes = stack.engine.preview(progress, refresh=refresh)
    report.say(f"{stack.name} would be: {_counts(changes)}")
    report.document({"changes": changes})
    if expect_no_changes and set(changes) - {"same"}:
        raise NotAsExpected("no changes were expected")


def render(
    plan: Plan, report: Report, folder: Path, *, generate_secrets: bool, force: bool
) -> None:
    """The stack's objects as files."""
    rendered = write_down(plan, folder, generate_secrets=generate_secrets, force=force)
    files = list(rendered.rendering.files)
    report.warnings(rendered.rendering.warnings)
    if generate_secrets:
        report.say("its secrets are real: only you can read the folder, keep it that way")
    else:
        placeholders = len(rendered.rendering.placeholders)
        report.say(f"{placeholders} placeholders such as {rendered.rendering.placeholders[0]}")
    report.say(
        f"{plan.stack} is written down in {rendered.folder}: {len(files)} objects, "
        f"{len(rendered.changed)} files new, changed or gone"
    )
    report.document(
        {
            "folder": str(rendered.folder),
            "files": files,
            "changed": rendered.changed,
            "placeholders": rendered.rendering.placeholders,
            "warnings": rendered.rendering.warnings,
        }
    )


def compare_images(plan: Plan, report: Report, *, check: bool) -> Sequence[Locked]:
    """The stack's images with their digests now; with `check`, NotAsExpected if any changed."""
    compared = image_lock.compare(plan)
    report.images(compared)
    if check:
        report.document({"images": [each.document() for each in compared]})
        if amiss := image_lock.changed(compared):
            roles = ", ".join(f"{each.role} ({each.state})" for each in amiss)
            raise NotAsExpected(
                f"not as locked: {roles}; `pilothouse lock {plan.stack}` locks them"
            )
    return compared


def moved(compared: Sequence[Locked]) -> str:
    """The roles whose tags lead to another image than the one that was locked."""
    return ", ".join(each.role for each in compared if each.state == "moved")


def lock_images(plan: Plan, report: Report, compared: Sequence[Locked]) -> None:
    """The lock file."""
    path = image_lock.write(plan, compared)
    report.say(f"{len(compared)} images, {len(image_lock.changed(compared))} changed in {path}")
    report.document({"file": str(path), "images": [each.document() for each in compared]})


def verify(stack: Stack, report: Report) -> None:
    """The workload's run and where it was found."""
    report.document(asdict(_prove(stack, stack.contract(), report)))


def open_ports(
    stack: Stack, report: Report, *, show_secrets: bool, wait: Callable[[], None]
) -> None:
    """Make the consoles reachable from here until `wait` is over."""
    with stack.operations.accessible(stack.contract()) as contract:
        report.where(contract, show_secrets=show_secrets)
        report.document(_contract_document(contract, show_secrets))
        report.close()  # whoever reads it can use the ports now
        wait()


def status(stack: Stack, report: Report, *, show_secrets: bool) -> None:
    """Services and consoles."""
    services = stack.operations.services()
    report.services(services)
    contract = stack.contract()
    report.where(contract, show_secrets=show_secrets)
    pilot = stack.plan.platform.pilot
    report.say(f"pilot until {pilot.expires}, at most ${pilot.monthly_budget:g} a month")
    report.document(
        {
            "services": [vars(service) for service in services],
            "expires": pilot.expires.isoformat(),
            **_contract_document(contract, show_secrets),
        }
    )
    if not services:
        raise NotAsExpected(f"nothing of it runs; `pilothouse up {stack.name}` sets it up")
    if amiss := [service.name for service in services if service.state != "running"]:
        raise NotAsExpected(f"not running: {', '.join(amiss)}; `pilothouse up {stack.name}` heals")


def logs(stack: Stack, report: Report, service: str, lines: int) -> None:
    """The end of a log."""
    found = list(stack.operations.logs(service, lines))
    if not report.as_json:
        for line in found:
            report.say(line)
    report.document({"service": service, "lines": found})


def show_what_goes(stack: Stack, report: Report, *, keep_data: bool) -> None:
    """What a teardown would remove: what the state has, and what is found besides."""
    resources = stack.engine.resources() if stack.engine.exists() else []
    real = [resource for resource in resources if resource.get("custom")]
    report.say(f"{stack.name}: the state has {len(real)} resources; found on this target:")
    found = stack.operations.leftovers(keep_data=keep_data)
    kinds = Counter((item.kind, item.verdict) for item in found)
    for (kind, verdict), count in sorted(kinds.items()):
        report.say(f"  {count} {kind}(s) {'stay' if verdict == 'kept' else 'will go'}")


def down(stack: Stack, report: Report, *, keep_data: bool) -> None:
    """Destroy, sweep, prove."""
    _take_over(stack.engine, report)
    _recover(stack, report, stack.engine.deployment())
    with Progress(report.console, f"taking {stack.name} away") as progress:
        gone = teardown.take_down(stack.engine, stack.operations, progress, keep_data=keep_data)
    report.gone(gone)
    report.document({"looked_for": gone.looked_for, "kept": leftover_document(gone.kept)})


def backups(stack: Stack, report: Report) -> list[Backup]:
    """The backups that there are, the oldest first."""
    found = stack.operations.backups()
    report.say(f"{stack.name} has {len(found)} backup(s)")
    for backup in found:
        report.say(f"  {backup.name}  {backup.bytes / 1e6:.1f} MB")
    return found


def backup_of(stack: Stack, report: Report, name: str | None) -> Backup:
    """The backup of that name, or the newest; Refused if it is not there."""
    found = {backup.name: backup for backup in backups(stack, report)}
    if not found:
        raise Refused(f"{stack.name} has no backup: nothing was changed")
    chosen = name or max(found)
    if chosen not in found:
        raise Refused(f"no backup {chosen!r}; {one_of(chosen, found)}")
    return found[chosen]


def restore(stack: Stack, report: Report, backup: Backup) -> None:
    """Stop what writes, put the databases back, and bring everything up again."""
    began = time.monotonic()
    preflight.require(preflight.examine(stack))
    _take_over(stack.engine, report)
    report.say(f"putting the databases of {stack.name} back to {backup.name}")
    stack.operations.restore(backup.name)
    applied = _applied(stack, report, f"starting {stack.name} again")
    seconds = round(time.monotonic() - began, 1)
    report.say(f"{stack.name} is back at {backup.name} after {seconds} s")
    report.document(
        {"backup": vars(backup), "changes": applied.changes, "seconds": {"restore": seconds}}
    )


def doctor(stack: Stack, report: Report) -> None:
    """Every check."""
    checks = preflight.examine(stack)
    report.checks(checks)
    report.document({"checks": [vars(check) for check in checks]})
    if not all(check.ok for check in checks):
        raise Refused("this machine can't carry the stack yet")


def policies(plan: Plan) -> list[dict[str, Any]]:
    """What whoever deploys the stack has to be allowed, as documents of its target."""
    return preflight.policies(plan)


def variables(folder: Path, name: str | None, *, clients: bool) -> dict[str, str]:
    """The environment for raw `pulumi`, and for clients of the running stack if asked."""
    stack = open_stack(folder, name, today=None)
    found = stack.project.variables(stack.plan.target)
    if not clients:
        return found
    for _, capability in stack.contract():
        found |= {**capability.environment, **capability.secrets}
    return found


def _prove(stack: Stack, contract: Contract, report: Report) -> Proof:
    with stack.operations.accessible(contract) as accessible:
        proof = prove(accessible, stack.clients, report.say)
    report.proof(proof)
    return proof


def _applied(stack: Stack, report: Report, title: str) -> Applied:
    """The engine's `up`, and meanwhile why a service does not get ready."""
    before = stack.engine.deployment()
    _recover(stack, report, before)
    with (
        Progress(report.console, title) as progress,
        Watch(stack.operations.services, progress.note),
        stack.journal.recording(progress) as listen,
    ):
        return stack.engine.up(listen, stack.operations.up_variables(), before)


def _recover(stack: Stack, report: Report, deployment: Mapping[str, Any]) -> None:
    for thing in recover(stack.journal, stack.operations, deployment):
        report.say(f"removed {thing}: an earlier run made it and could not record it")


def _take_over(engine: Engine, report: Report) -> None:
    waited: set[Path] = set()

    def wait(lock: Lock) -> None:
        if lock.path not in waited:
            waited.add(lock.path)
            report.say(f"waiting for {lock}")

    for lock in engine.take_over(wait):
        report.say(f"taking over from {lock}: it is gone")


def _counts(changes: dict[str, int]) -> str:
    return ", ".join(f"{op} {count}" for op, count in sorted(changes.items())) or "nothing to do"


def _contract_document(contract: Contract, show_secrets: bool) -> dict[str, Any]:
    hidden = {} if show_secrets else {"secrets": None, "login": None}
    return {
        name: {
            **vars(capability),
            "probes": [vars(probe) for probe in capability.probes],
            **{key: sorted(getattr(capability, key)) for key in hidden},
        }
        for name, capability in contract
    }
