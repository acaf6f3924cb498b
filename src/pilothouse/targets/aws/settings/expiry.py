"""What stops by itself when the pilot's last day is over, as platform.yaml and the settings say.

Managed Airflow can only be deleted, which deletes its history: that has to be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pilothouse.targets.aws.settings.target import AwsPlan

SHORTLY_AFTER_MIDNIGHT = timedelta(minutes=5)

NOT_WRITTEN = (
    "managed Airflow can only be deleted, with its history, and that is not written: to have it, "
    "write `atExpiry: stop` under `pilot` in platform.yaml"
)
NOTHING_BILLS = "nothing of this stack bills by the hour"


def acts(plan: AwsPlan) -> bool:
    """Whether anything stops by itself."""
    return not why_not(plan)


def why_not(plan: AwsPlan) -> str:
    """Why nothing stops by itself; "" where something does, and where nothing is to."""
    pilot = plan.platform.pilot
    if pilot.at_expiry != "stop":
        return "pilot.atExpiry is not stop"
    has_airflow = plan.platform.engine("orchestration") == "airflow"
    if has_airflow and "at_expiry" not in pilot.model_fields_set:
        return NOT_WRITTEN
    return "" if any(_stops(plan)) else NOTHING_BILLS


def describe(plan: AwsPlan) -> str:
    """What stops, in words; "" where nothing does."""
    if why_not(plan):
        return ""
    return f"{', '.join(_stops(plan))}; buckets, images and logs stay"


def begins(plan: AwsPlan) -> datetime:
    """When the first of it is stopped."""
    midnight = datetime.combine(plan.last_day, time(), UTC) + timedelta(days=1)
    return midnight + SHORTLY_AFTER_MIDNIGHT


def _stops(plan: AwsPlan) -> Iterator[str]:
    platform, settings = plan.platform, plan.settings
    if platform.engine("orchestration") == "airflow":
        yield "managed Airflow is deleted with its history"
    elif platform.workload and platform.workload.schedule:
        yield "the schedule of runs is deleted"
    if settings.tracking.server == "tracking-server":
        yield "MLflow's server stops"
    if not settings.network.vpc_id:
        egress = {"nat": "the NAT gateway and its address", "endpoints": "the interface endpoints"}
        yield f"{egress[settings.network.egress]} go"
