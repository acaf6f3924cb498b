"""`pilothouse people`: the accounts of people, their passwords on request, and new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pilothouse.contract import Contract
from pilothouse.errors import Refused, one_of
from pilothouse.lifecycle import data_loss, preflight
from pilothouse.lifecycle.apply import apply, read_state
from pilothouse.lifecycle.plugins import install_missing
from pilothouse.lifecycle.report import HIDDEN, Report
from pilothouse.lifecycle.stack import Stack
from pilothouse.services.generated_secrets import rotation


def run(stack: Stack, report: Report, *, show_secrets: bool) -> None:
    """Show the accounts that the last `up` made."""
    _show(_passwords(stack.contract()), stack, report, show_secrets=show_secrets)


def rotate(stack: Stack, report: Report, names: Sequence[str], *, show_secrets: bool) -> None:
    """Give people new passwords, by an `up` that generates these anew; show theirs.

    Raises Refused, before anything is changed, where one of `names` has no account, the preflight
    fails or an edit of the files would lose data.
    """
    known = _passwords(stack.contract()).keys() & stack.plan.platform.access.roles.keys()
    for name in names:
        if name not in known:
            raise Refused(
                f"{stack.name} has no account {name!r}; {one_of(name, sorted(known))}"
                if known
                else f"{stack.name} has no accounts of people: {_REMEDY}"
            )
    preflight.require(preflight.examine(stack))
    state = read_state(stack, report)
    install_missing(stack, report, state)
    data_loss.refuse(data_loss.find(stack.engine, state))
    title = f"changing passwords of {stack.name}"
    applied = apply(stack, report, state, title, variables=rotation(names))
    passwords = _passwords(Contract.from_output(applied.outputs["contract"]))
    report.say("the passwords are new; the old ones have ended")
    changed = {name: passwords[name] for name in names}
    _show(changed, stack, report, show_secrets=show_secrets)


def _passwords(contract: Contract) -> Mapping[str, str]:
    return {**contract.tracking.people, **contract.orchestration.people}


def _show(
    passwords: Mapping[str, str], stack: Stack, report: Report, *, show_secrets: bool
) -> None:
    roles = stack.plan.platform.access.roles
    for name, password in passwords.items():
        report.say(f"{name}  {roles[name]}  password {password if show_secrets else HIDDEN}")
    if not passwords:
        report.say(f"{stack.name} has no accounts of people: {_REMEDY}")
    shown = {
        name: {"role": roles[name], **({"password": password} if show_secrets else {})}
        for name, password in passwords.items()
    }
    report.document({"people": shown})


_REMEDY = "list people under access.people in platform.yaml, and run `pilothouse up`"
