"""The keys of an external object store, read from the user's Secret."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping

from pilothouse.errors import PilothouseError
from pilothouse.targets.kubernetes.clients.cluster import Cluster
from pilothouse.targets.kubernetes.clients.kinds import SECRET


def read_credentials(
    cluster: Cluster, namespace: str, name: str, keys: Mapping[str, str]
) -> dict[str, str]:
    """The secret variables of an S3 client, as the keys of the Secret `name` have them now.

    Raises PilothouseError where the Secret or one of its keys does not exist.
    """
    secret = cluster.get(SECRET, name, namespace)
    data = (secret and secret.data) or {}
    if missing := [key for key in keys.values() if key not in dict(data)]:
        place = f"Secret {name} of namespace {namespace}"
        raise PilothouseError(f"{place} lacks {', '.join(missing)}: add the keys of the bucket")
    return {variable: b64decode(data[key]).decode() for variable, key in keys.items()}
