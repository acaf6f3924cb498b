"""Objects as files of a folder, such as a mounted volume."""

from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

from pilothouse_workload.errors import InvalidEnvironmentError
from pilothouse_workload.object_stores import Address

PARTIAL = ".partial"


class FolderObjectStore:
    """The files of a folder. One is written beside its place, in order, and renamed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, body: bytes) -> None:
        """Write one file."""
        path, partial = self._folder / name, self._folder / PARTIAL / uuid4().hex
        for parent in (path.parent, partial.parent):
            parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(body)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        """Read one file."""
        return (self._folder / name).read_bytes()


def connect(address: Address) -> FolderObjectStore:
    """The folder of an address, which must be there: a volume may not be mounted."""
    parts = address.parts
    folder = Path(parts["path"] if "path" in parts else unquote(parts["escaped_path"]))
    if not folder.is_dir():
        raise InvalidEnvironmentError(
            [f"DATA_URI: no folder {folder}; mount the volume, or make the folder"]
        )
    return FolderObjectStore(folder)
