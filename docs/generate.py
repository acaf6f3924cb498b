"""Writes the generated pages of docs/ and the schemas of schemas/, out of the settings' models.

With --check it writes nothing, and ends with 1 and the names of the files that are out of date.
"""

import argparse
import sys
from pathlib import Path

from pilothouse import targets
from pilothouse.config import reference_docs

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Write or check every generated file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    check = parser.parse_args().check
    settings = {target: targets.load(target, "settings") for target in targets.BUILT_IN}
    generated = reference_docs.files(settings)
    outdated = [name for name, text in generated.items() if _read(ROOT / name) != text]
    if check and outdated:
        sys.exit(f"out of date, run `make docs`: {', '.join(outdated)}")
    for name in outdated:
        (ROOT / name).write_text(generated[name], encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    main()
