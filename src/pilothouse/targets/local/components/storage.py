"""Storage on this machine: SeaweedFS with a bucket and keys for each application."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi

from pilothouse.contract import Capability, Probe
from pilothouse.services import seaweedfs
from pilothouse.services.seaweedfs import APPLICATIONS
from pilothouse.targets.local.processes.layout import LOOPBACK, Layout
from pilothouse.targets.local.resources.bucket import Bucket, BucketArgs
from pilothouse.targets.local.resources.certificates import Certificates
from pilothouse.targets.local.resources.service import Service, ServiceArgs
from pilothouse.targets.shared.component import CapabilityComponent
from pilothouse.targets.shared.protection import protect

if TYPE_CHECKING:
    from pilothouse.services.generated_secrets import SecretKind
    from pilothouse.targets.local.components.foundation import LocalFoundation

_JWT_KEYS = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
_PARTS = ("volume", "master", "filer", "s3", "client")


class LocalStorage(CapabilityComponent):
    """The store and its buckets: `data` for workloads, `artifacts` for MLflow, `logs` for Airflow.

    The keys of each application give access to its bucket only. Every call between the store's
    parts needs a certificate of the stack's authority, so other users of this machine get none.
    """

    def __init__(
        self,
        name: str,
        foundation: LocalFoundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("local", name, opts)
        self._plan, self._foundation = foundation.plan, foundation
        self._layout = foundation.layout
        self._keys = foundation.secrets("storage", _secret_kinds(), self)
        self.endpoint = self._layout.url("s3")
        self._probe = Probe(service="seaweedfs", kind="http", address=f"{self.endpoint}/healthz")
        self.service = self._server()
        self.buckets = {role: self._bucket(role) for role in APPLICATIONS}
        self.publish(self._capability())

    def credentials(self, role: str) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """The access key and the secret key for the bucket of `role`."""
        return self._keys[f"{role}-access"], self._keys[f"{role}-secret"]

    def uri(self, role: str) -> str:
        """`s3://…` of the bucket of `role`; services may start before the bucket exists."""
        return f"s3://{self._bucket_name(role)}"

    def client(self, role: str) -> tuple[Mapping[str, str], Mapping[str, pulumi.Input[str]]]:
        """The plain and the secret environment variables of an S3 client of `role`."""
        access, secret = self.credentials(role)
        plain = seaweedfs.client_variables(self.endpoint)
        return plain, {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}

    def _bucket_name(self, role: str) -> str:
        return self._plan.name(role)

    def _capability(self) -> Capability[pulumi.Input[str]]:
        plain, secret = self.client("data")
        uri = self.uri("data")
        return Capability(
            uri=uri,
            console="",
            environment={**plain, "DATA_URI": uri},
            secrets=secret,
            probes=[self._probe],
        )

    def _bucket(self, role: str) -> Bucket:
        platform = self._plan.platform
        access, secret = self.credentials("admin")
        args = BucketArgs(
            bucket=self._bucket_name(role),
            endpoint=self.endpoint,
            access_key=access,
            secret_key=secret,
            versioning=seaweedfs.is_versioned(platform, role),
            retention_days=seaweedfs.retention_days(platform, role),
            policy=json.dumps(seaweedfs.bucket_policy(role, self._bucket_name(role))),
        )
        name = f"{role}-bucket"
        return Bucket(name, args, protect(name, self.child(self.service)))

    def _server(self) -> Service:
        tls = Certificates(
            "storage-certificates",
            self._foundation.home.apply(lambda home: f"{home}/tls"),
            self.child(),
        )
        buckets = {role: self._bucket_name(role) for role in APPLICATIONS}
        keys = self._keys.values
        args = ServiceArgs(
            command=[
                self._foundation.stores.program("bin", "weed"),
                *_arguments(self._layout),
            ],
            files={
                "security.toml": pulumi.Output.all(keys, tls.folder).apply(lambda a: _security(*a)),
                "s3.json": keys.apply(
                    lambda values: json.dumps(seaweedfs.identities(values, buckets))
                ),
            },
            probes=[self._probe],
            ports=[self._layout.port(role) for role in _PORTS.values()],
            folders=[str(self._layout.data / "seaweedfs")],
            leaves=[
                f"/tmp/seaweedfs-{part}-grpc-{self._layout.port(role)}.sock"  # noqa: S108 - SeaweedFS's choice
                for part, role in _GRPC.items()
            ],
            stop_seconds=3,  # it does not exit on SIGTERM; a restart after SIGKILL is clean
        )
        return Service("seaweedfs", self._foundation.home, args, self.child())


_GRPC = {"s3": "s3-grpc", "filer": "filer-grpc", "master": "master-grpc", "volume": "volume-grpc"}
_PORTS = {
    "s3.port": "s3",
    "filer.port": "filer",
    "master.port": "master",
    "volume.port": "volume",
    **{f"{part}.port.grpc": role for part, role in _GRPC.items()},
}


def _arguments(layout: Layout) -> list[str]:
    return [
        "server",
        f"-dir={layout.data / 'seaweedfs'}",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        *(f"-{flag}={layout.port(role)}" for flag, role in _PORTS.items()),
        "-master.volumeSizeLimitMB=64",
        "-master.telemetry=false",
        "-master.peers=none",
        "-volume.max=0",  # with the default, writes begin to fail as buckets fill
        "-volume.minFreeSpace=1",
        "-volume.preStopSeconds=0",
        "-filer",
        "-filer.localSocket=filer.sock",
        "-filer.disableHttp=true",
        "-s3",
        "-s3.config=s3.json",
        "-s3.localSocket=s3.sock",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]


def _security(keys: Mapping[str, str], tls: str) -> str:
    """The file security.toml of SeaweedFS: signed calls, and mutual TLS between all parts."""
    pair = f'cert = "{tls}/cert.pem"\nkey = "{tls}/key.pem"\n'
    authority = f'ca = "{tls}/ca.pem"\n'
    sections = [f'[{name}]\nkey = "{keys[name]}"\n' for name in _JWT_KEYS]
    sections.append(f"[grpc]\n{authority}")
    sections += [f"[grpc.{part}]\n{pair}" for part in _PARTS]
    sections += [f"[https.{part}]\n{pair}{authority}" for part in ("volume", "master", "filer")]
    sections.append(f"[https.client]\nenabled = true\n{pair}{authority}")
    return "\n".join(sections)


def _secret_kinds() -> dict[str, SecretKind]:
    return {**dict.fromkeys(_JWT_KEYS, "password"), **seaweedfs.key_kinds()}
