"""`pilothouse down`: what would be deleted, the teardown, its proof."""

from __future__ import annotations

from collections import defaultdict

from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle import teardown
from pilothouse.lifecycle.apply import read_state, recover
from pilothouse.lifecycle.engine.damage import StateDamaged
from pilothouse.lifecycle.engine.passphrase import SecretsLocked
from pilothouse.lifecycle.engine.progress import Progress
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.plugins import install_missing
from pilothouse.lifecycle.report import Report, leftover_document, plural
from pilothouse.lifecycle.stack import Stack
from pilothouse.lifecycle.teardown import TeardownProof

BY_NAME = "the platform is deleted by its names, labels and tags, and then the state is cleared"
FATES = {"present": "to be deleted", "kept": "kept", "pending": "whose deletion is scheduled"}
"""What becomes of a thing that was found, by its verdict."""
NAMED = 5  # things of a kind; of more, only the number is shown


def read(stack: Stack, report: Report, *, keep_data: bool) -> StackState:
    """The state; without its secrets where these cannot be decrypted, or as one that is damaged.

    Raises Refused where the data are to be kept, and with them the secrets that open them.
    """
    try:
        return read_state(stack, report)
    except SecretsLocked as error:
        _require_deletion(error, keep_data=keep_data)
        return stack.engine.state_without_secrets()
    except StateDamaged as error:
        return _without_state(report, error, keep_data=keep_data)


def show(stack: Stack, report: Report, *, keep_data: bool) -> StackState:
    """Report what a teardown would delete: by the state, which is returned, and by looking."""
    state = read(stack, report, keep_data=keep_data)
    if not state.has_secrets:
        report.say(f"the passphrase of the state is missing or is another one: {BY_NAME}")
    if not state.is_damaged:
        report.say(f"{stack.name}: the state has {plural(state.count, 'resource')}")
    found = stack.operations.leftovers(keep_data=keep_data)
    report.say("found on this target:" if found else "nothing was found on this target")
    names = defaultdict[tuple[str, str], list[str]](list)
    for item in found:
        names[item.kind, item.verdict].append(item.name)
    for (kind, verdict), of_kind in sorted(names.items()):
        if verdict == "unknown":
            report.say(f"  {kind}: could not be looked up, so any number may exist")
        else:
            is_named = kind in stack.operations.named_kinds or len(of_kind) <= NAMED
            shown = f": {', '.join(of_kind)}" if is_named else ""
            report.say(f"  {plural(len(of_kind), kind)} {FATES[verdict]}{shown}")
    return state


def run(stack: Stack, report: Report, state: StackState, *, keep_data: bool) -> None:
    """Delete the stack as `state` has it, and prove that nothing of it is left.

    Raises LeftoversFound where anything is left that was not kept by choice.
    """
    if state.is_usable:
        if state.has_resources:
            install_missing(stack, report, state)
        recover(stack, report, state)
    try:
        proof = _tear_down(stack, report, state, keep_data=keep_data)
    except StateDamaged as error:
        state = _without_state(report, error, keep_data=keep_data)
        proof = _tear_down(stack, report, state, keep_data=keep_data)
    report.teardown(proof)
    if not state.is_usable:
        stack.journal.clear()
        report.say(f"the state of {stack.name} is cleared")
    if proof.damaged_state:
        report.say(f"the damaged state is kept as {proof.damaged_state}; nothing needs it any more")
    report.document({"looked_for": proof.looked_for, "kept": leftover_document(proof.kept)})


def _tear_down(
    stack: Stack, report: Report, state: StackState, *, keep_data: bool
) -> TeardownProof:
    kept = stack.operations.data_kinds if keep_data else ()
    with Progress(report.console, f"deleting {stack.name}", kept=kept) as progress:
        return teardown.tear_down(
            stack.engine, stack.operations, state, progress, keep_data=keep_data
        )


def _without_state(report: Report, error: StateDamaged, *, keep_data: bool) -> StackState:
    _require_deletion(error, keep_data=keep_data)
    report.say(f"{error.found}: {BY_NAME}")
    return StackState(exists=True, is_damaged=True)


def _require_deletion(error: PilothouseError, *, keep_data: bool) -> None:
    """Raise Refused, for the reason of `error`, where the data are to be kept."""
    if keep_data:
        message = "--keep-data keeps the data's own keys and passwords in the state"
        raise Refused(f"{message}, so nothing was changed: {error}") from error
