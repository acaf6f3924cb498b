"""The CronJob that stops a stack when its pilot's last day is over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.targets.kubernetes.objects.pods import AIRFLOW_USER, Mount, Program
from pilothouse.targets.kubernetes.objects.rbac import RBAC_RULES
from pilothouse.targets.kubernetes.settings.component_table import EXPIRY

if TYPE_CHECKING:
    from datetime import date

    from pilothouse.targets.kubernetes.objects.builder import ObjectFactory
    from pilothouse.targets.kubernetes.objects.sizing import Resources

PROGRAM = Path(__file__).parents[1] / "assets" / "scripts" / "expiry.py"
SHORTLY_AFTER_MIDNIGHT = "5 0 * * *"


def create(objects: ObjectFactory, expires: date, *, image: str, resources: Resources) -> None:
    """Create it with its Role; `image` has Python and Kubernetes' client."""
    program = Program(
        component=EXPIRY,
        image=image,
        command=["python", f"/scripts/{PROGRAM.name}", expires.isoformat()],
        resources=resources,
        mounts=[Mount(path="/scripts", config_map=EXPIRY)],
        user=AIRFLOW_USER,
        token=True,
    )
    needs = [
        objects.config_map(EXPIRY, {PROGRAM.name: PROGRAM.read_text(encoding="utf-8")}),
        objects.role(EXPIRY, RBAC_RULES[EXPIRY]),
    ]
    objects.cron_job(program, SHORTLY_AFTER_MIDNIGHT, depends_on=needs)
