"""`pilothouse down`: what would be deleted, the teardown, its proof."""

from __future__ import annotations

from collections import defaultdict

from pilothouse.errors import Refused
from pilothouse.lifecycle import teardown
from pilothouse.lifecycle.apply import read_state, recover
from pilothouse.lifecycle.engine.passphrase import SecretsLocked
from pilothouse.lifecycle.engine.progress import Progress
from pilothouse.lifecycle.engine.state import StackState
from pilothouse.lifecycle.report import Report, leftover_document, plural
from pilothouse.lifecycle.stack import Stack

FATES = {"present": "to be deleted", "kept": "kept", "pending": "whose deletion is scheduled"}
"""What becomes of a thing that was found, by its verdict."""
NAMED = 5  # things of a kind; of more, only the number is shown


def read(stack: Stack, report: Report, *, keep_data: bool) -> StackState:
    """The state; without its secrets where these cannot be decrypted.

    Raises Refused where the data are to be kept, and with them the secrets that open them.
    """
    try:
        return read_state(stack, report)
    except SecretsLocked as error:
        if keep_data:
            message = "--keep-data keeps the data's own keys and passwords in the state"
            raise Refused(f"{message}, so nothing was changed: {error}") from error
        return stack.engine.state_without_secrets()


def show(stack: Stack, report: Report, *, keep_data: bool) -> StackState:
    """Report what a teardown would delete: by the state, which is returned, and by looking."""
    state = read(stack, report, keep_data=keep_data)
    if not state.has_secrets:
        report.say(
            "the passphrase of the state is missing or is another one: the platform is deleted by "
            "its names, labels and tags, and then the state is cleared"
        )
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
    if state.has_secrets:
        recover(stack, report, state)
    kept = stack.operations.data_kinds if keep_data else ()
    with Progress(report.console, f"deleting {stack.name}", kept=kept) as progress:
        proof = teardown.tear_down(
            stack.engine, stack.operations, state, progress, keep_data=keep_data
        )
    report.teardown(proof)
    if not state.has_secrets:
        stack.journal.clear()
        report.say(f"the state of {stack.name} is cleared")
    report.document({"looked_for": proof.looked_for, "kept": leftover_document(proof.kept)})
