"""`python -m tests.mutants kubernetes`: which planted mistakes do the offline tests catch?

Prints a line for each and the score; exits 1 where less than 95 % are caught.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from tests.mutants import kubernetes
from tests.mutants.mistakes import NotPlanted, Suite
from tests.mutants.trial import Broken, trials

GOAL = 95.0
SUITES: Mapping[str, Suite] = {"kubernetes": kubernetes.SUITE}


def main(arguments: Sequence[str]) -> int:
    """Try every mistake of the named target."""
    parser = argparse.ArgumentParser("python -m tests.mutants", description=__doc__)
    parser.add_argument("target", choices=sorted(SUITES))
    suite = SUITES[parser.parse_args(arguments).target]
    try:
        return _report(suite)
    except (NotPlanted, Broken) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _report(suite: Suite) -> int:
    caught = 0
    for trial in trials(suite):
        caught += bool(trial.caught_by)
        verdict = f"caught by {trial.caught_by}" if trial.caught_by else "MISSED"
        sys.stdout.write(f"{trial.mistake.name}: {verdict}\n")
        sys.stdout.flush()
    score = 100 * caught / len(suite.mistakes)
    sys.stdout.write(
        f"mistakes caught: {caught} of {len(suite.mistakes)}, {score:.1f} % (goal {GOAL:.0f} %)\n"
    )
    return 0 if score >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
