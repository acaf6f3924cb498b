"""Mutates plan.py and modules of config/, runs their tests on every mutant, prints the score.

Run from the root of the repository: `python -m testkit.mutation`. The files and the tests are in
`[tool.mutmut]` of pyproject.toml. Exits 1 where fewer than 85 % of the mutants are killed.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

GOAL = 85.0
FOLDER = Path("mutants")


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    mutmut("run", "--max-children", "2")
    mutmut("export-cicd-stats")
    stats = json.loads((FOLDER / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    killed, total = stats["killed"] + stats["timeout"], stats["total"]
    score = 100 * killed / max(total, 1)
    sys.stdout.write(f"mutants killed: {killed} of {total}, {score:.1f} % (goal {GOAL:.0f} %)\n")
    return 0 if score >= GOAL else 1


def mutmut(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "mutmut", *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
