"""Runs programs with the variables of pods whose service accounts have roles."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from testkit.support.role_store import RoleStore

from tests.targets.kubernetes.graph.pods import containers, pods
from tests.targets.suite.recorder import Recording, revealed

ANNOTATION = "eks.amazonaws.com/role-arn"


@dataclass(frozen=True)
class RolePods:
    """The pods of a graph, and the store that their roles open."""

    graph: Recording
    store: RoleStore

    def run(self, component: str, command: Sequence[str | Path], **more: str) -> str:
        """What a command writes in a component's pod, whose output ends with its error if any."""
        self.store.enforce()
        done = subprocess.run(
            [*command],
            env={"PATH": os.environ["PATH"], **self._variables(component), **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def _variables(self, component: str) -> dict[str, str]:
        """Those of the last container, of its Secrets and ConfigMaps, and what the role adds."""
        (*_, container) = containers(pods(self.graph)[component])
        given = {each["name"]: each["value"] for each in container["env"]}
        for source in container["envFrom"]:
            given |= self._data("ConfigMap", source["configMapRef"]["name"], "data")
        for mount in container["volumeMounts"]:
            if mount["mountPath"].startswith("/secrets/"):
                name = mount["mountPath"].rpartition("/")[2]
                given |= self._data("Secret", name, "stringData")
        account = revealed(dict(self.graph.one(f"ServiceAccount {component}").inputs))
        arn = account["metadata"].get("annotations", {}).get(ANNOTATION)
        return {**given, **(self.store.variables_of(arn) if arn else {})}

    def _data(self, kind: str, name: str, key: str) -> dict[str, str]:
        return dict(revealed(dict(self.graph.one(f"{kind} {name}").inputs))[key])
