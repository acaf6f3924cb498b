"""SeaweedFS: an S3 store with an identity and a bucket for each user of it."""

import json
from pathlib import Path

from .layout import BUCKETS, LOOPBACK, Layout

REGION = "us-east-1"
ADMIN = "s3-admin"


def command(layout: Layout) -> list[str]:
    """Master, volume server, filer and S3 in one process; writes its configuration files."""
    home = layout.folder("seaweedfs")
    layout.write("seaweedfs/s3.json", json.dumps({"identities": _identities(layout)}))
    layout.write(
        "seaweedfs/security.toml", f'[jwt.filer_signing]\nkey = "{layout.secrets["filer"]}"\n'
    )
    options = f"""
        -dir={home} -ip={LOOPBACK} -ip.bind={LOOPBACK} -master.volumeSizeLimitMB=64
        -master.telemetry=false -master.peers=none -volume.max=0 -volume.minFreeSpace=1
        -volume.preStopSeconds=0 -filer -filer.localSocket={home}/filer.sock
        -filer.disableHttp=true -s3 -s3.config={home}/s3.json -s3.port.iceberg=0
        -s3.port.lance=0 -s3.iam=false -s3.localSocket={home}/s3.sock
        -master.port={layout.port("master")} -master.port.grpc={layout.port("master-grpc")}
        -volume.port={layout.port("volume")} -volume.port.grpc={layout.port("volume-grpc")}
        -filer.port={layout.port("filer")} -filer.port.grpc={layout.port("filer-grpc")}
        -s3.port={layout.port("s3")} -s3.port.grpc={layout.port("s3-grpc")}
    """.split()
    return [str(layout.environments.services / "bin" / "weed"), "server", *options]


def client(layout: Layout, identity: str) -> dict[str, str]:
    """The variables of an S3 client with one of the identities."""
    return {
        "AWS_ACCESS_KEY_ID": identity,
        "AWS_SECRET_ACCESS_KEY": layout.secrets[identity],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_S3": layout.url("s3"),
    }


def remove_sockets(layout: Layout) -> None:
    """Remove the sockets that it leaves outside of its folders, whatever TMPDIR says."""
    for part in ("master", "volume", "filer", "s3"):
        name = f"seaweedfs-{part}-grpc-{layout.port(f'{part}-grpc')}.sock"
        Path("/tmp", name).unlink(missing_ok=True)  # noqa: S108 -- its choice


def _identities(layout: Layout) -> list[dict[str, object]]:
    users = [
        _identity(
            layout, name, [f"{verb}:{bucket}" for verb in ("Read", "Write", "List", "Tagging")]
        )
        for name, bucket in BUCKETS.items()
    ]
    return [*users, _identity(layout, ADMIN, ["Admin"])]


def _identity(layout: Layout, name: str, actions: list[str]) -> dict[str, object]:
    keys = {"accessKey": name, "secretKey": layout.secrets[name]}
    return {"name": name, "credentials": [keys], "actions": actions}
