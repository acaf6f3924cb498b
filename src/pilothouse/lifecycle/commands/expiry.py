"""The end of a pilot: what happens then, and whether it is over."""

from __future__ import annotations

from datetime import date

from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack


def is_over(stack: Stack, report: Report, today: date) -> bool:
    """Whether `today` is after the pilot's last day, as its last `up` had it; reports that day.

    For commands that are run each day and act on that day alone.
    """
    expires = stack.plan.platform.pilot.expires
    is_expired = today > expires
    report.document({"expires": expires.isoformat(), "is_expired": is_expired})
    if is_expired:
        report.say(f"{stack.name}: the pilot ended on {expires}")
    else:
        report.say(f"{stack.name}: the pilot goes on until {expires}, so nothing was changed")
    return is_expired


def show(stack: Stack, report: Report, today: date) -> None:
    """Report what happens at the end of the last day; warn where it is over, or nothing stops."""
    pilot = stack.plan.platform.pilot
    stops = stack.operations.stops_at_expiry() if pilot.at_expiry == "stop" else ""
    document = {"action": pilot.at_expiry, "stops": stops}
    report.document({"expires": pilot.expires.isoformat(), "at_expiry": document})
    if today > pilot.expires:
        report.warnings([f"the pilot ended on {pilot.expires}; {_remedy(stack)}"])
        return
    when = f"at the end of {pilot.expires} UTC"
    if pilot.at_expiry == "tell":
        report.say(f"{when}: tell (nothing ends; commands say that the pilot is over)")
    elif stops:
        report.say(f"{when}: stop ({stops})")
    else:
        reason = stack.operations.why_nothing_stops()
        report.warnings([f"{when} nothing ends by itself: {reason}; {_remedy(stack)}"])


def _remedy(stack: Stack) -> str:
    return f"set a later pilot.expires and run `up`, or run `pilothouse down {stack.name}`"
