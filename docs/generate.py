"""Writes the generated pages of docs/, the schemas of schemas/, the template of `pulumi new`.

They come from the settings' models, the commands of the command line, and the targets' graphs.

With --check it writes nothing, and ends with 1 and the names of the files that are out of date.
"""

import argparse
import html
import json
import os
import subprocess
import sys
from pathlib import Path

import graphs

from pilothouse import targets
from pilothouse.advice import catalogue, needs
from pilothouse.config import reference_docs
from pilothouse.lifecycle.new_project import files

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Write or check every generated file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    check = parser.parse_args().check
    settings = {target: targets.load(target, "settings") for target in targets.BUILT_IN}
    generated = {
        **reference_docs.files(settings),
        "schemas/needs.schema.json": json.dumps(needs.schema(catalogue.load()), indent=2) + "\n",
        **{f"examples/template/{path}": str(text) for path, text in files.of_template().items()},
        "docs/cli.md": _command_line(),
        **graphs.files(ROOT),
    }
    outdated = [name for name, text in generated.items() if _read(ROOT / name) != text]
    if check and outdated:
        sys.exit(f"out of date, run `make docs`: {', '.join(outdated)}")
    for name in outdated:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(generated[name], encoding="utf-8")


def _command_line() -> str:
    """The page of the commands, by typer."""
    command = ["-m", "typer", "pilothouse.cli", "utils", "docs", "--name", "pilothouse"]
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=True
    )
    title = "# Commands and exit codes\n"
    return title + html.unescape(done.stdout).rstrip().partition("\n")[2] + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    main()
