"""The team's DAGs in MWAA's bucket, beside what people put there themselves."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pilothouse.errors import Refused
from pilothouse.targets.aws import naming
from pilothouse.targets.aws.resources.s3 import DIGEST, delivered_digests

if TYPE_CHECKING:
    from pilothouse.config.dag_files import DagFiles
    from pilothouse.targets.aws.clients.account import Account


def deliver(account: Account, files: DagFiles) -> str:
    """Make the delivered DAGs in the bucket those of the folder, and say so.

    What is there with the same content stays as it is, and what was delivered and is not in the
    folder any more goes. Raises Refused, with nothing written, where somebody else's object is in
    the place of a file, and AwsError where AWS refuses.
    """
    bucket = account.plan.name(naming.DAGS)
    wanted = {f"{naming.DAGS}/{path}": (files.folder / path).read_bytes() for path in files.paths}
    digests = {key: hashlib.sha256(content).hexdigest() for key, content in wanted.items()}
    with account.errors():
        s3 = account.client("s3")
        there = delivered_digests(account, bucket)
        if taken := sorted(key for key in wanted if there.get(key, DIGEST) == ""):
            raise Refused(
                f"no DAG was delivered: s3://{bucket}/{taken[0]} was not put there from this "
                "folder; remove that object, or give the file another name"
            )
        changed = [key for key, digest in digests.items() if there.get(key) != digest]
        for key in changed:
            metadata = {DIGEST: digests[key]}
            s3.put_object(Bucket=bucket, Key=key, Body=wanted[key], Metadata=metadata)
        gone = sorted(key for key, digest in there.items() if digest and key not in wanted)
        for key in gone:
            s3.delete_object(Bucket=bucket, Key=key)
    return (
        f"the team's DAGs are delivered: of {len(wanted)} files {len(changed)} are written, and "
        f"{len(gone)} are removed; MWAA reads them within a minute"
    )
