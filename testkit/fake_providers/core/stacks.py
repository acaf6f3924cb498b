"""A Pulumi project of its own whose stack is a list of Kubernetes objects, and the real engine."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from testkit.fake_providers.core import plugin
from testkit.fake_providers.kubernetes.cluster import Cluster
from testkit.fake_providers.kubernetes.tokens import Kind

REPOSITORY = Path(__file__).parents[3]
IMAGE = os.environ.get("PILOTHOUSE_TEST_IMAGE", "pilothouse.test/platform:1")
NAMESPACE = Kind("", "v1", "Namespace")
STACK = "dev"
PROJECT = "objects"

PROGRAM = """
import json, pathlib, pulumi, pulumi_kubernetes

class Object(pulumi.CustomResource):
    pass

given = json.loads(pathlib.Path("objects.json").read_text())
cluster = pulumi_kubernetes.Provider("cluster", **given["settings"])
made = {}
for entry in given["objects"]:
    options = {"provider": cluster, "depends_on": [made[n] for n in entry.get("after", [])]}
    if "stringData" in entry["inputs"]:
        entry["inputs"]["stringData"] = pulumi.Output.secret(entry["inputs"]["stringData"])
    if "timeouts" in entry:
        options["custom_timeouts"] = pulumi.CustomTimeouts(**entry["timeouts"])
    properties = dict.fromkeys(entry.get("outputs", [])) | entry["inputs"]
    made[entry["name"]] = Object(
        entry["type"], entry["name"], properties,
        pulumi.ResourceOptions(**options, **entry.get("options", {})),
    )
    for name in entry.get("outputs", []):
        pulumi.export(entry["name"] + "." + name, getattr(made[entry["name"]], name))
"""


@dataclass
class Stack:
    """Objects in one namespace, as the program asks for them."""

    folder: Path
    kubeconfig: Path
    environment: Mapping[str, str]
    settings: dict[str, object]
    namespace: str
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def cluster(self) -> Cluster:
        """The cluster without the engine."""
        return Cluster(str(self.kubeconfig), None)

    def want(
        self, token: str, name: str, *, entry: dict[str, Any] | None = None, **inputs: Any
    ) -> None:
        """Ask for an object of a type such as `core/v1:ConfigMap`; again for another state."""
        metadata = {"name": name, "namespace": self.namespace, **inputs.pop("metadata", {})}
        self.objects[name] = {
            "type": f"kubernetes:{token}", "name": name, "after": ["namespace"],
            "inputs": {**_typed(token), "metadata": metadata, **inputs}, **(entry or {}),
        }  # fmt: skip

    def pulumi(self, *arguments: str, check: bool = True) -> str:
        """What a command prints; by default it has to succeed."""
        self._write()
        done = subprocess.run(
            self._command(*arguments), cwd=self.folder, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False,
        )  # fmt: skip
        succeeded = done.returncode == 0
        assert succeeded == check, f"pulumi {' '.join(arguments)}:\n{done.stdout}"
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command in the background."""
        self._write()
        return subprocess.Popen(
            self._command(*arguments), cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip

    def up(self, *arguments: str, check: bool = True) -> str:
        """Update without a preview."""
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, check=check)

    def is_unchanged(self, *arguments: str) -> bool:
        """Whether a preview shows nothing to do."""
        self.pulumi("preview", "--expect-no-changes", *arguments)
        return True

    def outputs(self) -> Any:
        """The stack's outputs."""
        return json.loads(self.pulumi("stack", "output", "--json", "--show-secrets"))

    def state(self) -> str:
        """The stack's state as it lies on the disk."""
        path = self.folder / f"state/.pulumi/stacks/{PROJECT}/{STACK}.json"
        return path.read_text(encoding="utf-8")

    def live(self, kind: Kind, name: str) -> Any:
        """An object as the API server has it, or None."""
        return self.cluster.find(kind, self.namespace, name)

    def processes(self) -> list[psutil.Process]:
        """Every living process of this project's engine."""
        return [process for process in psutil.process_iter() if self._owns(process)]

    def remove(self) -> list[str]:
        """Destroy what is there; whatever is left then is named, and removed too."""
        left = []
        if self._is_locked():
            self.pulumi("cancel", "--yes")
        if '"resources"' in self.state():
            self.pulumi("destroy", "--yes", "--skip-preview")
        if self.cluster.find(NAMESPACE, "", self.namespace):
            left.append(f"namespace {self.namespace}")
            self.cluster.delete(NAMESPACE, "", self.namespace, "Background")
        return left + [f"process {' '.join(p.cmdline())}" for p in self.processes_after(5)]

    def processes_after(self, seconds: float) -> list[psutil.Process]:
        """What still lives after a while; returns as soon as nothing does."""
        end = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.1)
        return left

    def _is_locked(self) -> bool:
        return any((self.folder / "state").glob(f".pulumi/locks/**/{STACK}/*.json"))

    def _owns(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                return process.environ().get("PULUMI_HOME") == self.environment["PULUMI_HOME"]
        return False

    def _command(self, *arguments: str) -> list[str]:
        return ["pulumi", *arguments, "--stack", STACK, "--color=never", "--non-interactive"]

    def _write(self) -> None:
        given = {"settings": self.settings, "objects": list(self.objects.values())}
        (self.folder / "objects.json").write_text(json.dumps(given), encoding="utf-8")


def stack_in(
    folder: Path, kubeconfig: Path, settings: Mapping[str, object], path: str | None = ""
) -> Stack:
    """A new project with an empty stack and its namespace as the first object.

    Its plugin is the double, or the one that is found on `path`; see `plugin.project_plugins`.
    """
    for below in ("state", "tmp"):
        (folder / below).mkdir(parents=True)
    (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    runtime = {"name": "python", "options": {"virtualenv": str(REPOSITORY / ".venv")}}
    project = {
        "name": PROJECT,
        "runtime": runtime,
        "plugins": plugin.project_plugins("kubernetes", path),
    }
    (folder / "Pulumi.yaml").write_text(json.dumps(project), encoding="utf-8")
    made = Stack(
        folder, kubeconfig, _environment(folder, kubeconfig),
        {"enable_server_side_apply": True, **settings}, f"double-{secrets.token_hex(4)}",
    )  # fmt: skip
    metadata = {"name": made.namespace, "labels": {"purpose": "test"}}
    inputs = {**_typed("core/v1:Namespace"), "metadata": metadata}
    made.objects["namespace"] = {
        "type": "kubernetes:core/v1:Namespace", "name": "namespace", "inputs": inputs,
    }  # fmt: skip
    made.pulumi("stack", "init")
    return made


def _typed(token: str) -> dict[str, str]:
    """The inputs that the SDK's classes add, from which the official plugin knows the kind."""
    kind = Kind.of(f"kubernetes:{token}")
    return {"apiVersion": kind.api_version, "kind": kind.name}


def _environment(folder: Path, kubeconfig: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    folders = [str(REPOSITORY / ".toolchain/bin"), str(REPOSITORY / ".venv/bin"), kept["PATH"]]
    return kept | {
        "PATH": os.pathsep.join(folders),
        "KUBECONFIG": str(kubeconfig),
        "PULUMI_HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "of no worth",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
