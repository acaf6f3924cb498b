"""Drives the test cluster by hand: see --help."""

from __future__ import annotations

import argparse
import sys

from testkit.cluster import cluster, machine
from testkit.cluster.requirements import missing
from testkit.cluster.settings import HOME_VARIABLE, KUBERNETES, NAME, RANGE, ClusterError, places
from testkit.cluster.steps import say

_ABOUT = f"""\
One Kubernetes {KUBERNETES} node for the tests, in PID, mount and network namespaces of its own.
Its addresses are of {RANGE}, it has no default route, and nothing of it leaves this machine.
It needs root and some Debian packages: `status` lists what is missing, with remedies.

The first `up` builds Kubernetes from its Go modules and an image with PostgreSQL, SeaweedFS,
MLflow, Airflow and the workload: minutes, and about 10 GB. Later ones take seconds.
"""
_NOTES = f"""\
files:
  ${HOME_VARIABLE}, else ${{XDG_CACHE_HOME:-~/.cache}}/pilothouse-testcluster:
  bin and layers (what was built), run (the state, with containerd's images, and log/).
  On the machine while the cluster is up: {machine.FOLDER}, the cgroups {NAME}.

examples:
  python -m testkit.cluster up
  export KUBECONFIG=$(python -m testkit.cluster status | sed -n s/KUBECONFIG=//p)
  PILOTHOUSE_TEST_KUBECONFIG=$KUBECONFIG python -m pytest -m live    use it, leave it up
  python -m testkit.cluster down --reset
"""


def main() -> int:
    """Run what the command line asks for."""
    arguments = _parser().parse_args()
    try:
        return int(arguments.run(arguments) or 0)
    except ClusterError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; `python -m testkit.cluster down` clears up\n")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m testkit.cluster",
        description=_ABOUT,
        epilog=_NOTES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="build what `up` needs, and start nothing")
    build.add_argument(
        "--optional", action="store_true", help="only say it where the machine lacks something"
    )
    build.set_defaults(run=_build)
    commands.add_parser(
        "up", help="bring it up with what it held; if it is up, only what changed is done"
    ).set_defaults(run=_up)
    down = commands.add_parser("down", help="end it; its state is kept for the next `up`")
    down.add_argument("--reset", action="store_true", help="the next one is empty; images are kept")
    down.add_argument("--purge", action="store_true", help="delete its state and imported images")
    down.set_defaults(run=_down)
    commands.add_parser("status", help="is it up, is it Ready, what is missing").set_defaults(
        run=_status
    )
    return parser


def _build(arguments: argparse.Namespace) -> None:
    lacking = missing(places()) if arguments.optional else []
    for one in lacking:
        say(f"no test cluster here, missing: {one}")
    if not lacking:
        with machine.alone():
            cluster.build(places())


def _up(_: argparse.Namespace) -> None:
    with machine.alone():
        made, line = cluster.up(places())
    if line:
        line.close()
    say(f"KUBECONFIG={made.kubeconfig}")


def _down(arguments: argparse.Namespace) -> None:
    with machine.alone():
        cluster.down(places(), reset=arguments.reset, purge=arguments.purge)


def _status(_: argparse.Namespace) -> int:
    said = cluster.status(places())
    say(said)
    lacking = missing(places())
    for one in lacking:
        say(f"missing: {one}")
    return 0 if said.startswith("up") else 3


if __name__ == "__main__":
    sys.exit(main())
