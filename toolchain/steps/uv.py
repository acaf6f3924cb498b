"""uv: the one on PATH if it is new enough, else the pinned one."""

import pathlib
import shutil

from steps import venvs, versions
from steps.places import Places

OLDEST = (0, 5)


def provide(places: Places) -> pathlib.Path:
    """The uv to use."""
    found = shutil.which("uv")
    if found and versions.at_least(versions.of_command(found, "--version"), OLDEST):
        return pathlib.Path(found)
    return venvs.tool_venv(places, "uv", "uv")
