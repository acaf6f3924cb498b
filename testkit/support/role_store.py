"""S3 and STS in memory, on loopback, where buckets open to IAM roles alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import boto3
import httpx
from moto.server import ThreadedMotoServer

REGION: Literal["eu-west-1"] = "eu-west-1"
TOKEN = "header.claims.signature"
"""Of a service account, as the cluster would sign it; nobody here checks the signature."""
_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket")


@dataclass(frozen=True)
class RoleStore:
    """The address of both services, and the file of a service account's token."""

    url: str
    token: Path

    def variables_of(self, role_arn: str) -> dict[str, str]:
        """What EKS adds to the pods of an account with this role, and this store's address."""
        return {
            "AWS_ROLE_ARN": role_arn,
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(self.token),
            "AWS_ENDPOINT_URL": self.url,
        }

    def enforce(self) -> None:
        """Hold every call but the next one against the policies of its caller's role.

        The next one has no caller: it is the one that exchanges a token for credentials.
        """
        headers = {"Content-Type": "text/plain"}
        reply = httpx.post(
            f"{self.url}/moto-api/reset-auth", content=b"1", headers=headers, trust_env=False
        )
        reply.raise_for_status()


@contextmanager
def running(folder: Path, buckets: Mapping[str, str]) -> Iterator[RoleStore]:
    """The store with these buckets, each open to the one role whose name it has as a key."""
    token = folder / "token"
    token.write_text(TOKEN)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = RoleStore(url=f"http://{host}:{port}", token=token)
    try:
        for role, bucket in buckets.items():
            _create(made, role, bucket)
        yield made
    finally:
        httpx.post(f"{made.url}/moto-api/reset-auth", content=b"inf", trust_env=False)
        httpx.post(f"{made.url}/moto-api/reset", trust_env=False)
        server.stop()


def _create(store: RoleStore, role: str, bucket: str) -> None:
    admin: dict[str, Any] = {
        "endpoint_url": store.url,
        "region_name": REGION,
        "aws_access_key_id": "admin",
        "aws_secret_access_key": "admin",
    }
    boto3.client("s3", **admin).create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    iam = boto3.client("iam", **admin)
    trust = _policy("sts:AssumeRoleWithWebIdentity", Principal={"Federated": "cluster"})
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    policy = _policy(*_ACTIONS, Resource=resources)
    iam.put_role_policy(RoleName=role, PolicyName="bucket", PolicyDocument=policy)


def _policy(*actions: str, **rest: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), **rest}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
