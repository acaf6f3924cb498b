"""Storage on Kubernetes: SeaweedFS with a bucket and keys for each application."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.services import seaweedfs
from pilothouse.services.seaweedfs import APPLICATIONS, BACKUPS
from pilothouse.targets.kubernetes.access import BUCKETS_JOB, PORTS, SEAWEEDFS
from pilothouse.targets.kubernetes.backups import Backups
from pilothouse.targets.kubernetes.component import KubernetesComponent
from pilothouse.targets.kubernetes.objects import marks_of
from pilothouse.targets.kubernetes.pods import Mount, Program, http_probes
from pilothouse.targets.kubernetes.postgres import Database
from pilothouse.targets.kubernetes.sizes import storage_gib

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.foundation import KubernetesFoundation

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


class KubernetesStorage(KubernetesComponent):
    """The store and its buckets. Each application's keys open its own bucket only."""

    def __init__(
        self,
        name: str,
        foundation: KubernetesFoundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, foundation, opts)
        self._keys = foundation.secrets("storage", seaweedfs.key_kinds(ROLES), self)
        self.endpoint = foundation.url(SEAWEEDFS)
        self._volume = self.objects.claim(
            SEAWEEDFS, storage_gib(self.plan.size), foundation.settings.storage_class
        )
        server = self._server()
        self.ready: list[pulumi.Resource] = [server, self.objects.service(SEAWEEDFS)]
        self.ready = [self._buckets()]
        if isinstance(foundation.database, Database):
            Backups(self, foundation.database)
        self.promise(self._capability())

    def credentials(self, role: str) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """The access key and the secret key that open the bucket of `role`."""
        return self._keys[f"{role}-access"], self._keys[f"{role}-secret"]

    def bucket(self, role: str) -> str:
        """The bucket of `role`."""
        return self.plan.name(role)

    def uri(self, role: str) -> str:
        """`s3://…` of the bucket of `role`."""
        return f"s3://{self.bucket(role)}"

    def client(self, role: str) -> tuple[Mapping[str, str], dict[str, pulumi.Input[str]]]:
        """The plain and the secret environment variables of an S3 client of `role`."""
        access, secret = self.credentials(role)
        hidden: dict[str, pulumi.Input[str]] = {
            "AWS_ACCESS_KEY_ID": access,
            "AWS_SECRET_ACCESS_KEY": secret,
        }
        return seaweedfs.client(self.endpoint), hidden

    def _capability(self) -> Capability[pulumi.Input[str]]:
        plain, secret = self.client("data")
        uri = self.uri("data")
        return Capability(
            uri=uri,
            console="",
            environment={**plain, "DATA_URI": uri},
            secrets=secret,
            probes=[Probe(service=SEAWEEDFS, kind="http", address=f"{self.endpoint}/healthz")],
        )

    def _server(self) -> pulumi.Resource:
        buckets = {role: self.bucket(role) for role in ROLES}
        identities = self._keys.values.apply(
            lambda keys: json.dumps(seaweedfs.identities(keys, buckets))
        )
        needs = [self.objects.secret(SEAWEEDFS, {"s3.json": identities}), self._volume]
        program = Program(
            component=SEAWEEDFS,
            image=self.foundation.images[SEAWEEDFS],
            command=COMMAND,
            resources=self.foundation.resources(SEAWEEDFS),
            mounts=[
                Mount(path="/data", claim=SEAWEEDFS),
                Mount(path="/config", secret=SEAWEEDFS),
            ],
            port=PORTS[SEAWEEDFS],
            probes=http_probes("/healthz", PORTS[SEAWEEDFS], start_seconds=120),
            grace_seconds=5,  # it never ends by itself; a restart after SIGKILL is clean
        )
        return self.objects.stateful_set(
            program, needs=needs, annotations={"keys": self._keys.revision}
        )

    def _buckets(self) -> pulumi.Resource:
        platform = self.plan.platform
        wanted = [
            {
                "bucket": self.bucket(role),
                "versioning": seaweedfs.versioned(platform, role),
                "retention_days": seaweedfs.retention_days(platform, role),
            }
            for role in ROLES
        ]
        plain, secret = self.client("admin")
        config, keys = (
            self.objects.config_map(BUCKETS_JOB, {"buckets.py": seaweedfs.BUCKETS.read_text()}),
            self.objects.secret(BUCKETS_JOB, secret),
        )
        program = Program(
            component=BUCKETS_JOB,
            image=self.foundation.images["workload"],
            command=["python", "/scripts/buckets.py"],
            resources=self.foundation.resources("job"),
            environment={**plain, "BUCKETS": json.dumps(wanted)},
            secrets=[BUCKETS_JOB],
            mounts=[Mount(path="/scripts", config_map=BUCKETS_JOB)],
        )
        needs = [*self.ready, config, keys]
        return self.objects.job(program, needs=needs, annotations=marks_of(self._volume))
