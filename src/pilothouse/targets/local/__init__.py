"""The platform on this machine: every service a plain process, on loopback."""

from pilothouse.targets.descriptor import Target

_HERE = "pilothouse.targets.local"

TARGET = Target(
    settings=f"{_HERE}.settings.target:LocalSettings",
    foundation=f"{_HERE}.components.foundation:LocalFoundation",
    storage=f"{_HERE}.components.storage:LocalStorage",
    compute=f"{_HERE}.components.compute:LocalCompute",
    tracking={"mlflow": f"{_HERE}.components.tracking:LocalTracking"},
    orchestration={"airflow": f"{_HERE}.components.orchestration:LocalOrchestration"},
    operations=f"{_HERE}.operations.target:LocalOperations",
    costs=f"{_HERE}.operations.costs:model",
    pipeline=f"{_HERE}.operations.pipeline:access",
    lacks={
        "gpu": "offers no GPUs",
        "public-access": "serves nothing publicly",
        "removal": "removes nothing without the engine, which proves that nothing is left",
        "tracking.managed": "has no tracking service of its own",
        "orchestration.managed": "has no pipelines of its own",
    },
)
