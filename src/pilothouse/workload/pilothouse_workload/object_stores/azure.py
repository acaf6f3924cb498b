"""Objects of Azure Blob Storage."""

import os

from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from pilothouse_workload.errors import InvalidEnvironmentError
from pilothouse_workload.object_stores import Address

# Seconds and tries: a store that does not answer is an error within half a minute.
CLIENT = {"connection_timeout": 5, "read_timeout": 20, "retry_total": 2}
CONNECTION_STRING = "AZURE_STORAGE_CONNECTION_STRING"


class AzureObjectStore:
    """A container below a prefix."""

    def __init__(self, container: ContainerClient, prefix: str) -> None:
        self._container = container
        self._prefix = prefix

    def write(self, name: str, body: bytes) -> None:
        """Write one object."""
        self._container.upload_blob(self._prefix + name, body, overwrite=True)

    def read(self, name: str) -> bytes:
        """Read one object."""
        body: bytes = self._container.download_blob(self._prefix + name).readall()
        return body


def connect(address: Address) -> AzureObjectStore:
    """The container of an address, by the connection string if there is one, else by identity.

    InvalidEnvironmentError where the connection string is another account's.
    """
    account, container = address.parts["account"], address.parts["container"]
    if given := os.environ.get(CONNECTION_STRING):
        client = ContainerClient.from_connection_string(given, container, **CLIENT)
        if client.account_name != account:
            problem = (
                f"{CONNECTION_STRING}: of the account {client.account_name}, but DATA_URI "
                f"names {account}; set both to the same account"
            )
            raise InvalidEnvironmentError([problem])
    else:
        url = f"https://{account}.blob.{address.parts['suffix']}"
        client = ContainerClient(url, container, DefaultAzureCredential(), **CLIENT)
    return AzureObjectStore(client, address.prefix)
