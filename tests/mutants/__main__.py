"""`python -m tests.mutants aws`: which planted mistakes do the offline tests catch?

Prints a line for each, what each rung caught where there are several, and the score; exits 1 where
less than 95 % are caught.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence

from tests.mutants import aws, kubernetes
from tests.mutants.mistakes import NotPlanted, Suite
from tests.mutants.trial import Broken, Trial, trials

GOAL = 95.0
SUITES: Mapping[str, Suite] = {"aws": aws.SUITE, "kubernetes": kubernetes.SUITE}


def main(arguments: Sequence[str]) -> int:
    """Try every mistake of the named target."""
    parser = argparse.ArgumentParser("python -m tests.mutants", description=__doc__)
    parser.add_argument("target", choices=sorted(SUITES))
    parser.add_argument(
        "--every-rung",
        action="store_true",
        help="go on where a mistake is caught, to see what the other rungs catch by themselves",
    )
    given = parser.parse_args(arguments)
    try:
        return _report(SUITES[given.target], every_rung=given.every_rung)
    except (NotPlanted, Broken) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _report(suite: Suite, *, every_rung: bool) -> int:
    tried = []
    for trial in trials(suite, every_rung=every_rung):
        tried.append(trial)
        by = ", ".join(f"{rung} ({test})" for rung, test in trial.caught_by.items())
        sys.stdout.write(f"{trial.mistake.name}: {f'caught by {by}' if by else 'MISSED'}\n")
        sys.stdout.flush()
    caught = sum(bool(trial.caught_by) for trial in tried)
    score = 100 * caught / len(tried)
    for line in table(suite, tried):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(
        f"mistakes caught: {caught} of {len(tried)}, {score:.1f} % (goal {GOAL:.0f} %)\n"
    )
    return 0 if score >= GOAL else 1


def table(suite: Suite, tried: Sequence[Trial]) -> Iterator[str]:
    """What each rung caught, in Markdown, if there is more than one."""
    if len(suite.rungs) == 1:
        return
    yield "| rung | caught | which |"
    yield "|---|---|---|"
    for rung in suite.rungs:
        names = [trial.mistake.name for trial in tried if rung in trial.caught_by]
        yield f"| {rung} | {len(names)} | {'; '.join(names)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
