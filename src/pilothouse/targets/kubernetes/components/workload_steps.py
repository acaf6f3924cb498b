"""The steps of the team's workload: their DAG, and the pod that each of them is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilothouse.services import workload
from pilothouse.services.workload import DAG_ID, RUN_STEP
from pilothouse.targets.kubernetes.objects.pods import Mount, Program, SecretKey, workload_user
from pilothouse.targets.kubernetes.objects.sizing import step_resources
from pilothouse.targets.kubernetes.settings.component_table import WORKLOAD

if TYPE_CHECKING:
    from pilothouse.config.workload import Step, Workload
    from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
    from pilothouse.targets.kubernetes.components.storage import KubernetesStorage

POD_FILE = "step.yaml"
DAG = Path(__file__).parents[1] / "assets" / "dags" / f"{DAG_ID}.py"
_STEPS = "/config"


class WorkloadSteps:
    """What Airflow and the steps' pods have of the platform's workload; nothing without one."""

    def __init__(
        self,
        foundation: KubernetesFoundation,
        storage: KubernetesStorage,
        files: str,
    ) -> None:
        """`files` is the ConfigMap that gets `self.files`."""
        self._foundation, self._storage, self._files = foundation, storage, files
        self.workload = foundation.plan.platform.workload

    @property
    def files(self) -> Mapping[str, str]:
        """The DAG with its definition, and the program of a step."""
        if self.workload is None:
            return {}
        return {
            f"{DAG_ID}.py": DAG.read_text(encoding="utf-8"),
            f"{DAG_ID}.json": json.dumps(self._definition(self.workload), sort_keys=True),
            RUN_STEP.name: RUN_STEP.read_text(encoding="utf-8"),
        }

    def mounts(self, dags: str, config: str) -> Sequence[Mount]:
        """What reads DAGs has the DAG in the folder `dags`, and the pod in the folder `config`."""
        if self.workload is None:
            return []
        paths = {
            f"{DAG_ID}.py": dags,
            f"{DAG_ID}.json": dags,
            POD_FILE: config,
        }
        return [
            Mount(path=f"{folder}/{name}", config_map=self._files, key=name)
            for name, folder in paths.items()
        ]

    def pods(self) -> Mapping[str, Program]:
        """The pod of a step by the name of its file; the step's name is its last argument."""
        if self.workload is None:
            return {}
        names = (RUN_STEP.name, f"{DAG_ID}.json")
        program = Program(
            component=WORKLOAD,
            container="base",
            image=self._foundation.images[WORKLOAD],
            command=["python", *(f"{_STEPS}/{name}" for name in names)],
            resources=self._foundation.resources(WORKLOAD),
            environment={"HOME": "/tmp"},  # noqa: S108 - a volume of the pod's own
            secrets=[WORKLOAD],
            user=workload_user(self._foundation.settings),
            references={**self._storage.access("data").references, **self._secrets(self.workload)},
            mounts=[
                Mount(path=f"{_STEPS}/{name}", config_map=self._files, key=name) for name in names
            ],
        )
        return {POD_FILE: program}

    def _secrets(self, wanted: Workload) -> Mapping[str, SecretKey]:
        secret = self._foundation.settings.workload.secret
        return {name: SecretKey(secret=secret, key=name) for name in wanted.secrets if secret}

    def _definition(self, wanted: Workload) -> dict[str, Any]:
        document = workload.definition(wanted)
        for name, step in document["steps"].items():
            step["resources"] = self._resources(wanted.step(name))
        return document

    def _resources(self, step: Step) -> Mapping[str, Mapping[str, str]]:
        usual = self._foundation.resources(WORKLOAD)
        resources = step_resources(usual, step.resources).manifest()
        if gpus := step.resources.gpus:
            resources["limits"][self._foundation.settings.gpu.resource] = str(gpus)
        return resources
