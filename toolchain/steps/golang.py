"""Go: the one on PATH if it is new enough, else the pinned one."""

import pathlib
import shutil

from steps import venvs, versions
from steps.places import Places
from steps.running import clean_environment


def provide(places: Places) -> pathlib.Path:
    """The go command to build with."""
    found = shutil.which("go")
    oldest = versions.parse(places.go_version()) or ()
    if found and versions.at_least(versions.of_command(found, "version"), oldest):
        return pathlib.Path(found)
    return venvs.tool_venv(places, "go", "go")


def environment() -> dict[str, str]:
    """The variables of a build: the user's caches and proxy, and none of the user's Go flags."""
    # GOFLAGS is set, not emptied: with an empty one, the user's `go env -w` would apply.
    return clean_environment(
        CGO_ENABLED="0", GOFLAGS="-mod=readonly", GOWORK="off", GOTOOLCHAIN="local"
    )
