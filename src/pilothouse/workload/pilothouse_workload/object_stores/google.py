"""Objects of Google Cloud Storage."""

from google.cloud.storage import Blob, Client
from google.cloud.storage.retry import DEFAULT_RETRY

from pilothouse_workload.object_stores import Address

# Seconds: a store that does not answer is an error within half a minute.
RETRY = DEFAULT_RETRY.with_timeout(30)
TIMEOUT = (5, 20)


class GoogleObjectStore:
    """A bucket, reached by the application's default credentials."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = Client(project=None).bucket(bucket)
        self._prefix = prefix

    def write(self, name: str, body: bytes) -> None:
        """Write one object."""
        kind = "application/octet-stream"
        self._blob(name).upload_from_string(body, kind, timeout=TIMEOUT, retry=RETRY)

    def read(self, name: str) -> bytes:
        """Read one object."""
        body: bytes = self._blob(name).download_as_bytes(timeout=TIMEOUT, retry=RETRY)
        return body

    def _blob(self, name: str) -> Blob:
        return self._bucket.blob(self._prefix + name)


def connect(address: Address) -> GoogleObjectStore:
    """The bucket of an address."""
    return GoogleObjectStore(address.parts["container"], address.prefix)
