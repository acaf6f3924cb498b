"""SeaweedFS from the platform's own program: who gets in, and that nobody else does."""

import os
import signal
import stat
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from testkit.support.waiting import eventually

from pilothouse.targets.local.processes import process_table
from tests.targets.local.machine import command_lines
from tests.targets.local.stores import Stores

pytestmark = pytest.mark.live
SERVICE = "Service seaweedfs"
ROLES = ("data", "artifacts", "logs")
CONFIG: Mapping[str, Any] = {"retries": {"total_max_attempts": 1}, "read_timeout": 60}


def port(stores: Stores, flag: str) -> int:
    """The port of a part, as its command line says, such as `port(stores, "filer.port")`."""
    command = stores.state[SERVICE]["command"]
    (found,) = (word.partition("=")[2] for word in command if word.startswith(f"-{flag}="))
    return int(found)


def bucket(stores: Stores, role: str) -> str:
    return str(stores.state[f"Bucket {role}-bucket"]["bucket"])


def endpoint(stores: Stores) -> str:
    return f"http://127.0.0.1:{port(stores, 's3.port')}"


def client(stores: Stores, role: str, secret: str = "") -> Any:
    """An S3 client with the keys of a role."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint(stores),
        region_name="us-east-1",
        aws_access_key_id=stores.secret("storage", f"{role}-access"),
        aws_secret_access_key=secret or stores.secret("storage", f"{role}-secret"),
        config=Config(**CONFIG),
    )


def anonymous(stores: Stores) -> Any:
    config = Config(signature_version=UNSIGNED, **CONFIG)
    return boto3.client("s3", endpoint_url=endpoint(stores), region_name="us-east-1", config=config)


def refused(call: Callable[[], Any]) -> bool:
    """Whether a call is answered by 403; what else fails is raised."""
    try:
        call()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != httpx.codes.FORBIDDEN:
            raise
        return True
    return False


def all_calls(store: Any, name: str) -> list[Callable[[], Any]]:
    return [
        partial(store.put_object, Bucket=name, Key="planted", Body=b"x"),
        partial(store.get_object, Bucket=name, Key="secret"),
        partial(store.head_object, Bucket=name, Key="secret"),
        partial(store.delete_object, Bucket=name, Key="secret"),
        partial(store.list_objects_v2, Bucket=name),
        partial(store.list_object_versions, Bucket=name),
        partial(store.get_object_tagging, Bucket=name, Key="secret"),
        partial(store.create_multipart_upload, Bucket=name, Key="planted"),
        partial(store.delete_bucket, Bucket=name),
        partial(store.put_bucket_versioning, Bucket=name,
                VersioningConfiguration={"Status": "Suspended"}),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def secret_object(stores: Stores) -> bytes:
    """An object with this text, `secret` in every bucket."""
    text = b"what only its owner may read"
    for role in ROLES:
        client(stores, role).put_object(Bucket=bucket(stores, role), Key="secret", Body=text)
    return text


@pytest.mark.parametrize("role", ROLES)
def test_an_application_uses_its_bucket(stores: Stores, role: str, secret_object: bytes) -> None:
    store, name = client(stores, role), bucket(stores, role)
    assert store.get_object(Bucket=name, Key="secret")["Body"].read() == secret_object
    store.put_object(Bucket=name, Key="own", Body=b"x", Tagging="a=b")
    assert "own" in [item["Key"] for item in store.list_objects_v2(Bucket=name)["Contents"]]
    store.delete_object(Bucket=name, Key="own")


@pytest.mark.parametrize("role", ROLES)
def test_an_application_is_refused_at_the_others_buckets(
    stores: Stores, role: str, secret_object: bytes
) -> None:
    store = client(stores, role)
    for other in set(ROLES) - {role}:
        for call in all_calls(store, bucket(stores, other)):
            assert refused(call), call


def setting_calls(store: Any, name: str) -> list[Callable[[], Any]]:
    rule = {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    lifecycle, suspended = {"Rules": [rule]}, {"Status": "Suspended"}
    return [
        partial(store.put_bucket_versioning, Bucket=name, VersioningConfiguration=suspended),
        partial(
            store.put_bucket_lifecycle_configuration, Bucket=name, LifecycleConfiguration=lifecycle
        ),
        partial(store.put_bucket_policy, Bucket=name, Policy="{}"),
        partial(store.delete_bucket_policy, Bucket=name),
        partial(store.put_bucket_acl, Bucket=name, ACL="public-read"),
        partial(store.delete_bucket, Bucket=name),
    ]


@pytest.mark.parametrize("role", ROLES)
def test_an_application_is_refused_at_the_settings_of_its_bucket(stores: Stores, role: str) -> None:
    name = bucket(stores, role)
    admin = client(stores, "admin")
    before = admin.get_bucket_versioning(Bucket=name).get("Status")
    for call in setting_calls(client(stores, role), name):
        assert refused(call), call
    assert admin.get_bucket_versioning(Bucket=name).get("Status") == before


def test_an_application_makes_no_bucket_and_sees_only_its_own(stores: Stores) -> None:
    store = client(stores, "data")
    assert refused(lambda: store.create_bucket(Bucket="another"))
    assert [item["Name"] for item in store.list_buckets()["Buckets"]] == [bucket(stores, "data")]


def test_nobody_without_keys_gets_in(stores: Stores, secret_object: bytes) -> None:
    store = anonymous(stores)
    for call in (*all_calls(store, bucket(stores, "data")), store.list_buckets):
        assert refused(call), call


def test_wrong_keys_open_nothing(stores: Stores, secret_object: bytes) -> None:
    store = client(stores, "data", secret="a wrong one")
    for call in (*all_calls(store, bucket(stores, "data")), store.list_buckets):
        assert refused(call), call


def test_it_listens_on_loopback_and_on_its_declared_ports_only(stores: Stores) -> None:
    listening = {
        tuple(connection.laddr)
        for process in process_table.of_folder(stores.home / "services" / "seaweedfs")
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", int(port)) for port in stores.state[SERVICE]["ports"]}


SIDE_DOORS = [
    ("filer.port", "/"),
    ("filer.port", "/buckets/?limit=10"),
    ("filer.port", "/buckets/{bucket}/secret"),
    ("master.port", "/dir/assign"),
    ("master.port", "/dir/status"),
    ("master.port", "/dir/lookup?volumeId=1"),
    ("master.port", "/vol/status"),
    ("master.port", "/submit"),
    ("volume.port", "/status"),
    ("volume.port", "/1,01637037d6"),
    ("volume.port", "/ui/index.html"),
]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("flag", "path"), SIDE_DOORS)
def test_no_side_door_says_anything(
    stores: Stores, secret_object: bytes, scheme: str, flag: str, path: str
) -> None:
    path = path.format(bucket=bucket(stores, "data"))
    url = f"{scheme}://127.0.0.1:{port(stores, flag)}{path}"
    try:
        reply = httpx.get(url, verify=False, timeout=5, trust_env=False)  # noqa: S501 - a burglar's
    except httpx.TransportError:
        return
    assert reply.status_code in (400, 401, 403, 404), reply.text
    assert secret_object not in reply.content
    assert b"fid" not in reply.content


def shell(stores: Stores, folder: Path, lines: list[str]) -> str:
    """What `weed shell` says to these lines; it finds certificates in `folder` or has none."""
    master = f"127.0.0.1:{port(stores, 'master.port')}.{port(stores, 'master.port.grpc')}"
    filer = f"127.0.0.1:{port(stores, 'filer.port')}.{port(stores, 'filer.port.grpc')}"
    with subprocess.Popen(
        [stores.state[SERVICE]["command"][0], "shell", f"-master={master}", f"-filer={filer}"],
        cwd=folder, text=True,
        env={"HOME": str(folder), "TMPDIR": str(folder), "PATH": os.defpath},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as program:  # fmt: skip
        try:
            return program.communicate("\n".join([*lines, "exit", ""]), timeout=4)[0]
        except subprocess.TimeoutExpired:
            program.kill()
            return program.communicate()[0]


def test_the_shell_of_another_user_gets_nothing(
    stores: Stores, secret_object: bytes, folder: Path
) -> None:
    """With the stack's certificates the same lines tell all; without them, nothing."""
    name = bucket(stores, "logs")  # without versions, which would hide the object in a folder
    lines = ["fs.ls /buckets", "s3.bucket.list", f"fs.cat /buckets/{name}/secret"]
    told = shell(stores, stores.home / "services" / "seaweedfs", lines)
    assert secret_object.decode() in told
    assert bucket(stores, "data") in told
    said = shell(stores, folder, [*lines, "lock", f"s3.bucket.delete -name={name}"])
    assert secret_object.decode() not in said
    assert bucket(stores, "data") not in said
    found = client(stores, "logs").get_object(Bucket=name, Key="secret")["Body"].read()
    assert found == secret_object


def test_its_sockets_are_its_owners_only(stores: Stores) -> None:
    """They speak without certificates, so the folder or the mode has to keep others out."""
    services = stores.home / "services"
    sockets = [path for path in (services / "seaweedfs").iterdir() if path.is_socket()]
    left = [Path(path) for path in stores.state[SERVICE]["leaves"] if Path(path).exists()]
    assert sockets
    assert left
    for path in (services, *left):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_no_key_is_in_a_command_line(stores: Stores) -> None:
    lines = command_lines(stores.home)
    assert "weed" in lines
    for value in stores.state["Secrets storage-secrets"]["values"].values():
        assert value not in lines


def test_objects_survive_a_kill(stores: Stores) -> None:
    store, name = client(stores, "data"), bucket(stores, "data")
    store.put_object(Bucket=name, Key="survivor", Body=b"x" * 200_000)
    for process in process_table.of_folder(stores.home / "services" / "seaweedfs"):
        process.send_signal(signal.SIGKILL)

    def body() -> bytes:
        try:
            return bytes(store.get_object(Bucket=name, Key="survivor")["Body"].read())
        except Exception:  # noqa: BLE001 - it is away, in one of many ways
            return b""

    assert eventually(body, seconds=30) == b"x" * 200_000
