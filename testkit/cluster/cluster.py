"""Up and down: what is missing is built, what is there is kept."""

from __future__ import annotations

import shutil
import socket
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from testkit.cluster import binaries, components, images, layers, machine, network, node, pki
from testkit.cluster.requirements import missing
from testkit.cluster.settings import NODE, ClusterError, Places
from testkit.cluster.steps import run, runs, step, wait_until

# What makes the cluster itself; the rest of `run` holds containerd's images.
_CONTENT = ("etcd", "kubelet", "volumes", "addresses", "var-log", "var-lib-cni", "pki", "log")


@dataclass(frozen=True)
class Cluster:
    """A cluster that tests may use."""

    kubeconfig: Path

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """What `kubectl` prints."""
        return run("kubectl", f"--kubeconfig={self.kubeconfig}", *arguments, given=given)


def build(places: Places) -> None:
    """Build the programs and the images' layers that are missing; ClusterError if it can't be."""
    lacking = missing(places)
    if lacking:
        raise ClusterError("\n".join(["this machine lacks:", *(f"  {one}" for one in lacking)]))
    binaries.build(places)
    layers.build(places)


def up(places: Places, *, session: bool = False) -> tuple[Cluster, socket.socket | None]:
    """Bring the cluster up, or only to what it should be; with a line to it if it was started."""
    build(places)
    running, line = machine.running(), None
    if running is None or running.process() is None:
        clear()
        line = _start(places, session=session)
    elif running.home != str(places.home):
        raise ClusterError(f"the cluster of {running.home} is up; end it with `down` first")
    cluster = Cluster(places.kubeconfig)
    try:
        _complete(places, cluster)
    except BaseException:
        if line:
            line.close()
        raise
    return cluster, line


def down(places: Places, *, reset: bool = False, purge: bool = False) -> None:
    """End whatever cluster is up; `reset` empties that of `places`, `purge` its images too."""
    with step("end the cluster"):
        running = machine.running()
        if running:
            node.stop(running)
        clear()
    if purge:
        with step("delete its state and images"):
            shutil.rmtree(places.run, ignore_errors=True)
    elif reset:
        for name in _CONTENT:
            shutil.rmtree(places.run / name, ignore_errors=True)


def clear() -> None:
    """Take away what a cluster that has ended leaves on the machine."""
    network.disconnect()
    machine.remove_cgroups()
    machine.restore_settings()
    machine.forget()


def status(places: Places) -> str:
    """A line that says whether the cluster is up, and where its kubeconfig is."""
    running = machine.running()
    if running is None:
        return "down"
    if running.process() is None:
        return "ended, and not taken down; `up` or `down` clears it up"
    of_session = ", of a test session" if running.session else ""
    if running.home != str(places.home):
        return f"up, of {running.home}{of_session}"
    ready = runs("kubectl", f"--kubeconfig={places.kubeconfig}", *_ready("1s"))
    return f"up{'' if ready else ', not ready'}{of_session}\nKUBECONFIG={places.kubeconfig}"


def _start(places: Places, *, session: bool) -> socket.socket:
    for folder in (places.run, places.logs, places.run / "volumes"):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    pki.make(places.pki)
    components.configure(places)
    machine.save_settings()
    machine.make_cgroups()
    with step("start the components"):
        return node.start(places, session=session)


def _complete(places: Places, cluster: Cluster) -> None:
    """Images, a node that is Ready, and DNS."""
    running = machine.running()
    assert running
    containerd = partial(node.containerd, running)
    log = places.logs / "containerd.log"
    wait_until(lambda: runs(*containerd("version")), 30, "containerd", log)
    images.load(places, containerd)
    with step("wait for the node"):
        log = places.logs / "kubelet.log"
        wait_until(lambda: runs(*_kubectl(cluster, "get", "node", NODE)), 60, "the node", log)
        cluster.kubectl(*_ready("120s"))
    with step("wait for DNS"):
        cluster.kubectl("apply", "-f", "-", given=components.manifest("addons.yaml", places))
        cluster.kubectl(
            *("--namespace=kube-system", "rollout", "status", "deployment/coredns"),
            "--timeout=120s",
        )


def _kubectl(cluster: Cluster, *arguments: str) -> list[str]:
    return ["kubectl", f"--kubeconfig={cluster.kubeconfig}", *arguments]


def _ready(timeout: str) -> tuple[str, ...]:
    return ("wait", "--for=condition=Ready", f"node/{NODE}", f"--timeout={timeout}")
