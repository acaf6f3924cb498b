"""`python -m testkit.planting aws`: which planted mistakes do the offline tests catch?

Prints a line for each, what each rung caught where there are several, and the score; exits 1 where
less than 95 % are caught.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from testkit.planting.mistakes import REPOSITORY, NotPlanted, Suite
from testkit.planting.trial import Broken, Trial, trials

GOAL = 95.0
TARGETS = sorted(
    table.parent.name for table in REPOSITORY.joinpath("tests/targets").glob("*/mistakes.py")
)


def suite_of(target: str) -> Suite:
    """The table of mistakes of a target."""
    suite: Suite = importlib.import_module(f"tests.targets.{target}.mistakes").SUITE
    return suite


def main(arguments: Sequence[str], load: Callable[[str], Suite] = suite_of) -> int:
    """Try the mistakes of the named target."""
    parser = argparse.ArgumentParser("python -m testkit.planting", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument(
        "--every-rung",
        action="store_true",
        help="go on where a mistake is caught, to see what the other rungs catch by themselves",
    )
    parser.add_argument("--only", default="", help="try only the mistakes whose name has this")
    given = parser.parse_args(arguments)
    suite = load(given.target)
    chosen = [mistake for mistake in suite.mistakes if given.only in mistake.name]
    if not chosen:
        parser.error(f"no mistake of {given.target} has {given.only!r} in its name")
    try:
        return _report(replace(suite, mistakes=chosen), every_rung=given.every_rung)
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
