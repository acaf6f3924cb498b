"""Whether a pilot is over, for commands that are run each day and act on that day alone."""

from __future__ import annotations

from datetime import date

from pilothouse.lifecycle.report import Report
from pilothouse.lifecycle.stack import Stack


def is_over(stack: Stack, report: Report, today: date) -> bool:
    """Whether `today` is after the pilot's last day, as its last `up` had it; reports that day."""
    expires = stack.plan.platform.pilot.expires
    is_expired = today > expires
    report.document({"expires": expires.isoformat(), "is_expired": is_expired})
    if is_expired:
        report.say(f"{stack.name}: the pilot ended on {expires}")
    else:
        report.say(f"{stack.name}: the pilot goes on until {expires}, so nothing was changed")
    return is_expired
