"""SeaweedFS with a bucket for each role, and keys for that bucket alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Probe
from pilothouse.services import seaweedfs
from pilothouse.services.seaweedfs import APPLICATIONS, BACKUPS
from pilothouse.targets.kubernetes.components.bucket_access import BucketAccess
from pilothouse.targets.kubernetes.objects.builder import volume_annotation
from pilothouse.targets.kubernetes.objects.pods import Mount, Program, http_probes, workload_user
from pilothouse.targets.kubernetes.objects.sizing import volume_gib
from pilothouse.targets.kubernetes.settings.component_table import BUCKETS_JOB, PORTS, SEAWEEDFS

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.components.base import KubernetesComponent

ROLES = (*APPLICATIONS, BACKUPS)
"""The roles that have a bucket."""

# All parts in one process, connected by the pod's loopback: only S3 listens on other addresses.
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
            SEAWEEDFS, volume_gib(self._plan.size), self._foundation.settings.storage_class
        )
        server = [self._create_server(), self._objects.service(SEAWEEDFS)]
        self.ready: list[pulumi.Resource] = [self._create_buckets(server)]

    @property
    def probes(self) -> list[Probe]:
        """The probe of the server."""
        return [Probe(service=SEAWEEDFS, kind="http", address=f"{self.endpoint}/healthz")]

    def _bucket(self, role: str) -> str:
        return self._plan.name(role)

    def access(self, role: str) -> BucketAccess:
        """How a pod accesses the bucket of `role`; the role `admin` creates all of them."""
        return BucketAccess(
            bucket=self._bucket(role),
            environment=seaweedfs.client_variables(self.endpoint),
            keys={
                "AWS_ACCESS_KEY_ID": self._keys[f"{role}-access"],
                "AWS_SECRET_ACCESS_KEY": self._keys[f"{role}-secret"],
            },
        )

    def _create_server(self) -> pulumi.Resource:
        buckets = {role: self._bucket(role) for role in ROLES}
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
            grace_seconds=5,  # it ignores SIGTERM; a restart after SIGKILL is clean
        )
        return self._objects.stateful_set(
            program, depends_on=needs, annotations={"keys": self._keys.revision}
        )

    def _create_buckets(self, server: list[pulumi.Resource]) -> pulumi.Resource:
        """The job that creates the buckets, once the server is ready."""
        platform, admin = self._plan.platform, self.access("admin")
        buckets = [
            {
                "bucket": self._bucket(role),
                "versioning": seaweedfs.is_versioned(platform, role),
                "retention_days": seaweedfs.retention_days(platform, role),
            }
            for role in ROLES
        ]
        script = {"buckets.py": seaweedfs.BUCKETS_PROGRAM.read_text()}
        needs = [
            *server,
            self._objects.config_map(BUCKETS_JOB, script),
            self._objects.secret(BUCKETS_JOB, admin.keys),
        ]
        program = Program(
            component=BUCKETS_JOB,
            image=self._foundation.images["workload"],
            command=["python", "/scripts/buckets.py"],
            resources=self._foundation.resources("job"),
            environment={**admin.environment, "BUCKETS": json.dumps(buckets)},
            secrets=[BUCKETS_JOB],
            user=workload_user(self._foundation.settings),
            mounts=[Mount(path="/scripts", config_map=BUCKETS_JOB)],
        )
        return self._objects.job(
            program, depends_on=needs, annotations=volume_annotation(self._volume)
        )
