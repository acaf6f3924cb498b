"""Clients of a stack on a cluster: pods in its namespace, and whoever runs the workload."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from testkit.cluster.settings import PLATFORM
from testkit.support import cluster_runs
from testkit.support.clusters import COMPONENT, ClusterStack
from testkit.support.stacks import REPOSITORY

# Counts from the first answer: policies take a while to know a pod. A request that is slow on a
# busy machine is not lost. The first URL is asked ten times as often as the others, which cost.
POLL = """
import base64, json, os, sys, time, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
user = os.environ.get("MLFLOW_TRACKING_USERNAME", "")
password = os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
headers = {"Authorization": f"Basic {credentials}"} if user else {}
asked, failed, told, turn = 0, [], 0.0, 0
while True:
    for url in sys.argv[1:] if turn % 10 == 0 else sys.argv[1:2]:
        began = time.monotonic()
        try:
            opener.open(urllib.request.Request(url, headers=headers), timeout=60).read()
            asked += 1
        except OSError as error:
            if asked:
                asked += 1
                failed.append(f"{url} after {time.monotonic() - began:.2f} s: {error}")
    if time.monotonic() - told > 1:
        print(json.dumps({"asked": asked, "failed": failed}), flush=True)
        told = time.monotonic()
    turn += 1
    time.sleep(0.1)
"""


def client_pod(
    name: str, component: str, script: str, *arguments: str, secret: str = ""
) -> dict[str, Any]:
    """A pod with a component's label, so that its policies hold, which runs a Python script.

    It is never ready, so that no Service sends anybody to it.
    """
    container = {
        "name": "client",
        "image": PLATFORM,
        "imagePullPolicy": "Never",
        "command": ["python3", "-c", script, *arguments],
        "envFrom": [{"secretRef": {"name": secret}}] if secret else [],
        "readinessProbe": {"exec": {"command": ["false"]}, "periodSeconds": 3600},
        "resources": {"requests": {"cpu": "5m", "memory": "16Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "metadata": {"name": name, "labels": {COMPONENT: component}},
        "spec": {
            "automountServiceAccountToken": False,
            "restartPolicy": "Never",
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
        },
    }


@dataclass
class Polled:
    """How many requests a client has made, and what became of those that failed."""

    asked: int = 0
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{len(self.failed)} of {self.asked} requests failed"


@contextmanager
def polling(
    platform: ClusterStack, component: str, *urls: str, secret: str = ""
) -> Iterator[Polled]:
    """A client that asks ten times a second; what became of it is there at the end."""
    core, namespace, name = platform.core, platform.namespace, f"poll-{component}"
    core.create_namespaced_pod(namespace, client_pod(name, component, POLL, *urls, secret=secret))
    polled = Polled()
    try:
        deadline = time.monotonic() + 60
        while not _tally(platform, name).asked:
            assert time.monotonic() < deadline, f"{name} has had no answer for a minute"
            time.sleep(0.5)
        yield polled
        time.sleep(3)
        vars(polled).update(vars(_tally(platform, name)))
    finally:
        core.delete_namespaced_pod(name, namespace, grace_period_seconds=0)


def _tally(platform: ClusterStack, name: str) -> Polled:
    pod = platform.core.read_namespaced_pod(name, platform.namespace)
    if pod.status.phase != "Running":
        return Polled()
    # The client would turn JSON into Python's own notation.
    log = platform.core.read_namespaced_pod_log(
        name, platform.namespace, tail_lines=1, _preload_content=False
    )
    return Polled(**json.loads(log.data)) if log.data else Polled()


@contextmanager
def running(platform: ClusterStack) -> Iterator[list[str]]:
    """The workload, run again and again from outside; at the end, how each run ended."""
    contract = json.dumps(platform.stack.contract())
    command = [sys.executable, "-m", cluster_runs.__name__, str(platform.stack.project)]
    with subprocess.Popen(
        [*command, platform.stack.name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as process:
        assert process.stdin
        process.stdin.write(f"{contract}\n")
        process.stdin.flush()
        states: list[str] = []
        try:
            yield states
            output, _ = process.communicate(timeout=300)
            states += output.split("\n")[:-1]
        finally:
            process.kill()
