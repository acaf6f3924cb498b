"""SeaweedFS with a bucket for each role, and keys that open that bucket only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Probe
from pilothouse.services import seaweedfs
from pilothouse.services.seaweedfs import APPLICATIONS, BACKUPS
from pilothouse.targets.kubernetes.objects.builder import marks_of
from pilothouse.targets.kubernetes.objects.network_policies import BUCKETS_JOB, PORTS, SEAWEEDFS
from pilothouse.targets.kubernetes.objects.pods import Mount, Program, http_probes
from pilothouse.targets.kubernetes.settings.sizes import storage_gib

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.base import KubernetesComponent
    from pilothouse.targets.kubernetes.objects.pods import SecretKey

ROLES = (*APPLICATIONS, BACKUPS)
"""Whom a bucket is for."""

# All parts in one process, which talk over the pod's own loopback: only S3 listens to others.
COMMAND = (
    "weed",
    "server",
    "-dir=/data",
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-master.volumeSizeLimitMB=1024",
    "-master.volumePreallocate=false",
    "-master.telemetry=false",
    "-master.peers=none",
    "-volume.max=0",
    "-volume.minFreeSpace=1",
    "-filer",
    "-filer.localSocket=/tmp/filer.sock",
    "-filer.disableHttp=true",
    "-s3",
    "-s3.ip.bind=0.0.0.0",
    f"-s3.port={PORTS[SEAWEEDFS]}",
    "-s3.config=/config/s3.json",
    "-s3.localSocket=/tmp/s3.sock",
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
)


class Store:
    """The server, its volume and its buckets; `component` is the parent of all of them."""

    def __init__(self, component: KubernetesComponent) -> None:
        self._foundation, self._plan = component.foundation, component.plan
        self._objects = component.objects
        self._keys = self._foundation.secrets("storage", seaweedfs.key_kinds(ROLES), component)
        self.endpoint = self._foundation.url(SEAWEEDFS)
        self._volume = self._objects.claim(
            SEAWEEDFS, storage_gib(self._plan.size), self._foundation.settings.storage_class
        )
        server = self._server()
        self.ready: list[pulumi.Resource] = [server, self._objects.service(SEAWEEDFS)]
        self.ready = [self._buckets()]

    @property
    def probes(self) -> list[Probe]:
        """How to see that it answers."""
        return [Probe(service=SEAWEEDFS, kind="http", address=f"{self.endpoint}/healthz")]

    def bucket(self, role: str) -> str:
        """The bucket of `role`."""
        return self._plan.name(role)

    def environment(self) -> Mapping[str, str]:
        """The variables of an S3 client that are not secret."""
        return seaweedfs.client_variables(self.endpoint)

    def keys(self, role: str) -> dict[str, pulumi.Input[str]]:
        """The secret ones: the keys that open the bucket of `role`."""
        return {
            "AWS_ACCESS_KEY_ID": self._keys[f"{role}-access"],
            "AWS_SECRET_ACCESS_KEY": self._keys[f"{role}-secret"],
        }

    def references(self, role: str) -> Mapping[str, SecretKey]:
        """The variables that a pod reads from somebody else's Secret: none."""
        return {}

    def _server(self) -> pulumi.Resource:
        buckets = {role: self.bucket(role) for role in ROLES}
        identities = self._keys.values.apply(
            lambda keys: json.dumps(seaweedfs.identities(keys, buckets))
        )
        needs = [self._objects.secret(SEAWEEDFS, {"s3.json": identities}), self._volume]
        program = Program(
            component=SEAWEEDFS,
            image=self._foundation.images[SEAWEEDFS],
            command=COMMAND,
            resources=self._foundation.resources(SEAWEEDFS),
            mounts=[
                Mount(path="/data", claim=SEAWEEDFS),
                Mount(path="/config", secret=SEAWEEDFS),
            ],
            port=PORTS[SEAWEEDFS],
            probes=http_probes("/healthz", PORTS[SEAWEEDFS], start_seconds=120),
            grace_seconds=5,  # it never ends by itself; a restart after SIGKILL is clean
        )
        return self._objects.stateful_set(
            program, needs=needs, annotations={"keys": self._keys.revision}
        )

    def _buckets(self) -> pulumi.Resource:
        platform = self._plan.platform
        wanted = [
            {
                "bucket": self.bucket(role),
                "versioning": seaweedfs.is_versioned(platform, role),
                "retention_days": seaweedfs.retention_days(platform, role),
            }
            for role in ROLES
        ]
        config, keys = (
            self._objects.config_map(
                BUCKETS_JOB, {"buckets.py": seaweedfs.BUCKETS_PROGRAM.read_text()}
            ),
            self._objects.secret(BUCKETS_JOB, self.keys("admin")),
        )
        program = Program(
            component=BUCKETS_JOB,
            image=self._foundation.images["workload"],
            command=["python", "/scripts/buckets.py"],
            resources=self._foundation.resources("job"),
            environment={**self.environment(), "BUCKETS": json.dumps(wanted)},
            secrets=[BUCKETS_JOB],
            mounts=[Mount(path="/scripts", config_map=BUCKETS_JOB)],
        )
        needs = [*self.ready, config, keys]
        return self._objects.job(program, needs=needs, annotations=marks_of(self._volume))
