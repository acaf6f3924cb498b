"""The objects of one run in the store."""

import json
from typing import Any

from pilothouse_workload import object_stores
from pilothouse_workload.settings import Settings


class Store:
    """Reads and writes under `runs/<token>/`; the errors of the store's SDK come through."""

    def __init__(self, settings: Settings) -> None:
        self._prefix = f"runs/{settings.run_token}/"
        self._objects = object_stores.connect(settings.data_uri)

    def put(self, name: str, body: bytes) -> None:
        """Write one object, replacing what was there."""
        self._objects.write(self._prefix + name, body)

    def get(self, name: str) -> bytes:
        """Read one object."""
        return self._objects.read(self._prefix + name)

    def put_document(self, name: str, document: dict[str, Any]) -> None:
        """Write `<name>.json`."""
        self.put(f"{name}.json", json.dumps(document, sort_keys=True).encode())

    def get_document(self, name: str) -> dict[str, Any]:
        """Read `<name>.json`."""
        document: dict[str, Any] = json.loads(self.get(f"{name}.json"))
        return document
