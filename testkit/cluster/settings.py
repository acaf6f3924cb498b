"""Names and addresses of the cluster, and where its files lie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = Path(__file__).parent
SOURCE_OF_WORKLOAD = REPOSITORY / "src" / "pilothouse" / "workload"

KUBERNETES = "1.34.4"
NAME = "pilothouse-test"  # of the cgroup and of the network
NODE = "test-node"
DEVICE = "pilothouse0"  # the host's end of the cable to the cluster

# All addresses are of the range for tests of network devices (RFC 2544), which nobody routes.
RANGE = "198.19.0.0/16"
HOST_ADDRESS = "198.19.0.1"
NODE_ADDRESS = "198.19.0.2"
PODS = "198.19.16.0/24"
SERVICES = "198.19.32.0/24"
API_ADDRESS = "198.19.32.1"
DNS_ADDRESS = "198.19.32.10"
API_PORT = 6443

PAUSE = "pilothouse.test/pause:1"
COREDNS = "pilothouse.test/coredns:1"
PLATFORM = "pilothouse.test/platform:1"
SAME_PLATFORM = "pilothouse.test/platform:again"  # another tag of it, for changes of images

HOME_VARIABLE = "PILOTHOUSE_TESTCLUSTER_HOME"
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CNI_PLUGINS = Path("/usr/lib/cni")


class ClusterError(Exception):
    """The cluster can't be brought up or taken down; the text says why and what to do."""


@dataclass(frozen=True)
class Places:
    """Where a cluster keeps what it makes: `home` outlives it, `run` is its state."""

    home: Path

    @property
    def binaries(self) -> Path:
        """Programs built from Go."""
        return self.home / "bin"

    @property
    def layers(self) -> Path:
        """The folders that images are made of."""
        return self.home / "layers"

    @property
    def run(self) -> Path:
        """The state of the cluster, with containerd's images."""
        return self.home / "run"

    @property
    def pki(self) -> Path:
        """Keys, certificates and the components' kubeconfigs."""
        return self.run / "pki"

    @property
    def logs(self) -> Path:
        """What each component prints."""
        return self.run / "log"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.pki / "admin.kubeconfig"


def places() -> Places:
    """What the environment asks for, else a folder among the user's caches."""
    chosen = os.environ.get(HOME_VARIABLE)
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Places(Path(chosen).absolute() if chosen else caches / "pilothouse-testcluster")
