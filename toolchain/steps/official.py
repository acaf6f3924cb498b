"""Downloads the official release of the pulumi CLI, with time limits, and checks its checksum."""

import collections.abc
import hashlib
import io
import pathlib
import platform
import tarfile
import threading
import urllib.request

from steps.places import SetupError
from steps.running import say

RELEASES = "https://get.pulumi.com/releases/sdk"
CONNECT = 5.0  # seconds until the release counts as unreachable
READ = 30.0  # seconds without a byte until a download counts as stuck
WANTED = (
    "pulumi", "pulumi-language-python", "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
)  # fmt: skip
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def fetch(version: str, into: pathlib.Path, releases: str = RELEASES) -> bool:
    """Download the official programs into a folder; return False, with a message, on failure."""
    archive = archive_name(version)
    try:
        sums = within(CONNECT, lambda: _read(f"{releases}/pulumi-{version}-checksums.txt", CONNECT))
        say(f"download {archive} …")
        data = _read(f"{releases}/{archive}", READ)
        check(archive, data, sums.decode())
        extract(data, into)
    except (OSError, tarfile.TarError, UnicodeError, SetupError) as error:
        say(f"official pulumi {version} is not available: {error}")
        return False
    return True


def archive_name(version: str) -> str:
    """The release's archive for this machine."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    return f"pulumi-v{version}-{platform.system().lower()}-{machine}.tar.gz"


def within(seconds: float, work: collections.abc.Callable[[], bytes]) -> bytes:
    """The result of `work`, in a thread, since a name look-up has no time limit of its own.

    Raises TimeoutError after `seconds`, and OSError as `work` does.
    """
    results: list[bytes | OSError] = []

    def attempt() -> None:
        try:
            results.append(work())
        except OSError as error:
            results.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
    if not results:
        raise TimeoutError(f"no answer within {seconds:.0f} s")
    if isinstance(results[0], OSError):
        raise results[0]
    return results[0]


def _read(address: str, timeout: float) -> bytes:
    with urllib.request.urlopen(address, timeout=timeout) as answer:  # noqa: S310 - a constant https address
        content: bytes = answer.read()
    return content


def check(archive: str, data: bytes, sums: str) -> None:
    """Check an archive against the list of SHA-256 or SHA-512 sums; raises SetupError."""
    listed = {name.lstrip("*"): value for value, name in _pairs(sums)}
    if archive not in listed:
        raise SetupError(f"the list of checksums does not contain {archive}")
    algorithm = hashlib.sha512 if len(listed[archive]) == 128 else hashlib.sha256  # noqa: PLR2004 - hex digits
    if algorithm(data).hexdigest() != listed[archive].lower():
        raise SetupError(f"{archive} does not have the checksum that its release lists; not used")


def _pairs(sums: str) -> list[list[str]]:
    return [words for words in map(str.split, sums.splitlines()) if len(words) == 2]  # noqa: PLR2004 - sum, name


def extract(data: bytes, into: pathlib.Path) -> None:
    """Write the programs of WANTED into a folder, and no other files of the archive."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = {pathlib.PurePosixPath(m.name).name: m for m in archive if m.isfile()}
        missing = set(WANTED) - set(members)
        if missing:
            raise SetupError(f"the archive lacks {', '.join(sorted(missing))}")
        for name in WANTED:
            content = archive.extractfile(members[name])
            (into / name).write_bytes(content.read() if content else b"")
